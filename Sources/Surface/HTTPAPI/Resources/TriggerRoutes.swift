import Domain
import EventSourcing
import Ingress
import Projections
import Vocabulary

/// Triggers: where events come from, how they are proven, and which workflows they start.
enum TriggerRoutes {
    private static let base = "/api/v1/tenants/{tid}/triggers"

    static let all = [
        Route(
            "POST", base, "createTrigger", Permission(.workflows, .create), "Create a trigger", input: "TriggerInput", output: "Trigger",
            handler: create),
        Route(
            "GET", base, "listTriggers", Permission(.workflows, .read), "List triggers", query: ["limit", "cursor"], views: [.catalog],
            output: "TriggerList", handler: list),
        Route(
            "GET", "\(base)/{id}", "getTrigger", Permission(.workflows, .read), "Read a trigger", query: ["asOf"], views: [.catalog],
            output: "Trigger", handler: PastResource.orNow(EntityKinds.trigger, id: "id", get)),
        Route(
            "PUT", "\(base)/{id}", "updateTrigger", Permission(.workflows, .update), "Change a trigger", input: "TriggerInput", output: "Trigger",
            handler: update),
        Route(
            "DELETE", "\(base)/{id}", "deleteTrigger", Permission(.workflows, .delete), "Delete a trigger",
            handler: { request, services in
                let done = try await change(request, services, .delete)
                return await done.write.done(at: done.position)
            }),
        Route(
            "POST", "\(base)/{id}/enable", "enableTrigger", Permission(.workflows, .update), "Take deliveries", output: "Trigger",
            handler: { request, services in try await answer(request, services, change(request, services, .enable)) }),
        Route(
            "POST", "\(base)/{id}/disable", "disableTrigger", Permission(.workflows, .update), "Refuse deliveries", output: "Trigger",
            handler: { request, services in try await answer(request, services, change(request, services, .disable)) }),
    ]

    @Sendable private static func list(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        let space = try request.signedIn.space
        var query = request.query
        let page = try await services.reads.triggers(try request.scope, page: try query.page())
        var rows: [JSONValue] = []
        for row in page.rows { rows.append(try await shown(row, space, services)) }
        return .json(page.json.with("data", .array(rows)))
    }

    @Sendable private static func get(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        let view = try found(try await services.reads.trigger(try request.id("id"), try request.scope))
        return .json(try await shown(view, try request.signedIn.space, services))
    }

    @Sendable private static func create(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        let caller = try request.signedIn
        let write = try Write(request, services)
        let id: TriggerID = write.newID()
        let address = address(of: id, caller.tenant)
        let specification = try await specification(request, services, address, over: nil)
        let reply = try await services.entities.triggers.send(.create(specification), to: address, isFresh: true, write.envelope)
        return try await answer(request, services, (write, address, reply.position), status: 201)
    }

    @Sendable private static func update(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        let address = try await existing(request, services)
        let write = try Write(request, services)
        return try await write.overWhatIsThere {
            guard case .present(let known, _) = try await services.entities.triggers.state(at: address) else { throw APIError.notFound }
            let specification = try await specification(request, services, address, over: known)
            let reply = try await services.entities.triggers.send(.update(specification, over: known), to: address, write.envelope)
            return try await answer(request, services, (write, address, reply.position))
        }
    }

    /// A write that is in the log.
    private typealias Done = (write: Write, address: StreamAddress, position: LogPosition?)

    private static func change(_ request: APIRequest, _ services: APIServices, _ command: TriggerCommand) async throws -> Done {
        let address = try await existing(request, services)
        let write = try Write(request, services)
        let reply = try await services.entities.triggers.send(command, to: address, write.envelope)
        return (write, address, reply.position)
    }

    /// The specification that a request asks for, its secret sealed and its workflows found.
    private static func specification(
        _ request: APIRequest, _ services: APIServices, _ address: StreamAddress, over known: TriggerSpecification?
    ) async throws -> TriggerSpecification {
        let caller = try request.signedIn
        var fields = try request.fields()
        if known != nil { fields.ignore("id", "tenantId", "url", "enabled", "createdAt", "updatedAt") }
        let input = TriggerInput(&fields, over: known)
        let targets = TriggerTargets(owner: address.tenant, space: caller.space, catalog: services.catalog)
        let routes = try await targets.routes(input.routes, over: known, &fields)
        try fields.finish()
        var secret = input.scheme == .none ? nil : known?.secret
        if let text = input.secret {
            secret = try await services.vault.seal(Array(text.utf8), tenant: address.tenant, name: TriggerSecrets.name(of: address.stream.recast()))
        }
        return TriggerSpecification(
            space: caller.space, name: input.name, environment: input.environment, scheme: input.scheme.rawValue, secret: secret, routes: routes,
            subject: (input.subject ?? known?.subject).flatMap { $0.isEmpty ? nil : $0 })
    }

    private static func answer(
        _ request: APIRequest, _ services: APIServices, _ done: Done, status: Int = 200
    ) async throws -> APIResponse {
        let caller = try request.signedIn
        let id = done.address.stream
        let location = status == 201 ? "/api/v1/tenants/\(done.address.tenant)/triggers/\(id)" : nil
        return try await done.write.answer(id, after: done.position, status: status, at: location) {
            guard let view = try await services.reads.trigger(id.recast(), caller.scope) else { return nil }
            return try await shown(view, caller.space, services)
        }
    }

    /// Where the trigger that the path names is; one that reads do not show yet is looked for among the caller's own.
    private static func existing(_ request: APIRequest, _ services: APIServices) async throws -> StreamAddress {
        let id: TriggerID = try request.id("id")
        let owner = try await services.reads.trigger(id, try request.scope)?.tenant
        let address = address(of: id, try owner ?? request.signedIn.tenant)
        guard case .present = try await services.entities.triggers.state(at: address) else { throw APIError.notFound }
        return address
    }

    private static func address(of id: TriggerID, _ tenant: TenantID) -> StreamAddress {
        StreamAddress(tenant: tenant, stream: id.recast(), category: TriggerDecider.category)
    }

    /// The trigger with the URL that its sender is given, and with its workflows' names.
    private static func shown(_ view: TriggerView, _ space: SpaceID, _ services: APIServices) async throws -> JSONValue {
        var routes: [JSONValue] = []
        for route in view.specification.routes {
            let slug = try await services.catalog.workflow(route.workflow)?.slug
            routes.append(["workflow": .optional(slug), "workflowId": .id(route.workflow), "filter": route.filter ?? .null])
        }
        let url = "\(services.publicBaseURL)/api/v1/clients/\(space)/webhooks/\(view.id)"
        return view.json.with("url", .string(url)).with("routes", .array(routes))
    }
}
