import Domain
import EventSourcing
import Ingress
import Logging
import Projections
import Vocabulary

/// Workflows called by name: an Instant one answers with its result, the others with where to find it.
enum FlowRoutes {
    static let all = [
        Route(
            "POST", "/api/v1/{flow_name}", "callFlow", Permission(.workflows, .execute), "Run a workflow by name", input: "FlowCall",
            output: "FlowResult", handler: call)
    ]

    @Sendable private static func call(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        let caller = try request.signedIn
        let tenant = try await tenant(of: caller, services)
        let write = try Write(request, services)
        let started = try await start(
            FlowCall(
                tenant: tenant, space: caller.space, name: request.parameter("flow_name"), principal: caller.principal,
                headers: request.head.headers.fields, body: request.body, query: request.head.query,
                idempotencyKey: write.isRepeatable ? write.envelope.commandID.description : nil), services)
        var response = pending(started, of: tenant)
        if started.tier == .instant, let run = await execute(started, tenant, request, services) {
            response = try FlowResult(run: run, started: started).response ?? response
        }
        response.headers += Write.headers(of: started.position)
        return response
    }

    /// The run as far as it came; nil when it could not be executed now. Its job is in the log, so the caller must not be asked to send again.
    private static func execute(_ started: StartedFlow, _ tenant: TenantID, _ request: APIRequest, _ services: APIServices) async -> Run? {
        do { return try await services.runs.execute(started.run, tenant: tenant, lane: .p1) } catch {
            services.logger.warning(
                "execution postponed",
                metadata: ["request": "\(request.head.requestID)", "execution": "\(started.run)", "error": "\(error)"])
            return nil
        }
    }

    private static func start(_ call: FlowCall, _ services: APIServices) async throws -> StartedFlow {
        switch try await services.flows.call(call) {
        case .started(let started): return started
        case .notFound: throw APIError.notFound
        case .inactive: throw APIError(.conflict, "The workflow \(call.name) is not active; publish and enable it.")
        case .erased: throw APIError(.conflict, "The data of this customer was erased, and nothing more is kept or run for him.")
        case .invalid(let problems): throw APIError.invalid(problems)
        case .tooLarge: throw APIError.tooLarge
        }
    }

    private static func pending(_ started: StartedFlow, of tenant: TenantID) -> APIResponse {
        let location = "/api/v1/tenants/\(tenant)/executions/\(started.run)"
        return .json(
            ["executionId": .id(started.run), "eventId": .id(started.event), "status": .string(RunStatus.pending.rawValue)], status: 202,
            headers: [("location", location)])
    }

    /// For whom a workflow runs when the request does not say: the space's only customer, or the space where it has none.
    private static func tenant(of caller: Caller, _ services: APIServices) async throws -> TenantID {
        if let named = caller.namedTenant { return named }
        let customers = try await services.reads.tenants(.space(caller.space), page: try PageRequest(limit: 2)).rows
        guard customers.count < 2 else {
            throw APIError(.validationFailed, "the space has several customers; name the one that is meant in the header x-fastn-space-tenantid")
        }
        return customers.first?.id ?? caller.space
    }
}
