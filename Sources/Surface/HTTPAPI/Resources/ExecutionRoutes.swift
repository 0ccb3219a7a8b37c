import Domain
import EventSourcing
import Projections
import Vocabulary

/// Executions: runs of workflows with their steps.
enum ExecutionRoutes {
    private static let base = "/api/v1/tenants/{tid}/executions"

    static let all = [
        Route(
            "GET", base, "listExecutions", Permission(.activity, .read), "List executions",
            query: ["workflow", "status", "eventId", "since", "until", "limit", "cursor"], views: [.executions], output: "ExecutionList",
            handler: list),
        Route(
            "GET", "\(base)/{eid}", "getExecution", Permission(.activity, .read), "Read an execution with its steps and logs", query: ["asOf"],
            views: [.executions], output: "Execution",
            handler: PastResource.orNow(EntityKinds.execution, id: "eid", shape: PastResource.execution, get)),
        Route(
            "POST", "\(base)/{eid}/cancel", "cancelExecution", Permission(.workflows, .execute), "Cancel an execution", output: "Execution",
            handler: cancel),
        Route(
            "POST", "\(base)/{eid}/replay", "replayExecution", Permission(.workflows, .execute), "Run a finished execution again from its journal",
            output: "Replay", handler: replay),
    ]

    @Sendable private static func list(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        try await request.page(
            filteredBy: { query in
                ExecutionFilter(
                    workflow: query.text("workflow"), status: query.choice("status"), event: query.id("eventId"), since: query.time("since"),
                    until: query.time("until"))
            }
        ) { try await services.reads.executions($0, $1, page: $2) }
    }

    @Sendable private static func get(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        .json(try found(try await services.reads.execution(try request.id("eid"), try request.scope)).json)
    }

    @Sendable private static func cancel(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        let id: RunID = try request.id("eid")
        let scope = try request.scope
        let write = try Write(request, services)
        let reply = try await services.runs.cancel(id, tenant: try await owner(of: id, request, services), write.envelope)
        return try await write.answer(id, after: reply.position, in: [.executions]) { try await services.reads.execution(id, scope)?.json }
    }

    @Sendable private static func replay(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        let id: RunID = try request.id("eid")
        return .json(try await services.runs.replay(id, tenant: try await owner(of: id, request, services)).json)
    }

    /// Whose execution it is; one that reads do not show yet is looked for among the caller's own.
    private static func owner(of id: RunID, _ request: APIRequest, _ services: APIServices) async throws -> TenantID {
        try await services.reads.execution(id, try request.scope)?.execution.tenant ?? request.signedIn.tenant
    }
}
