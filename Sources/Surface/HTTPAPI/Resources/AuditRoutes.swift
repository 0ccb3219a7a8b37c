import Projections
import Vocabulary

/// The audit log: who did what to what, and who was refused.
enum AuditRoutes {
    private static let filters = ["actor", "actorType", "action", "resourceType", "resourceId", "outcome", "since", "until", "limit", "cursor"]

    static let all = [
        Route(
            "GET", "/api/v1/tenants/{tid}/audit-log", "listAuditLog", Permission(.audit, .read), "List the audit log", query: filters,
            views: [.audit], output: "AuditList", handler: list),
        Route(
            "GET", "/api/v1/tenants/{tid}/audit", "listAudit", Permission(.audit, .read), "List the audit log (short name)", query: filters,
            views: [.audit], output: "AuditList", handler: list),
    ]

    @Sendable private static func list(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        try await request.page(
            filteredBy: { query in
                AuditFilter(
                    actor: query.text("actor"), actorKind: query.actorKind("actorType"), action: query.text("action"),
                    resourceType: query.text("resourceType"), resourceID: query.text("resourceId"), outcome: query.choice("outcome"),
                    since: query.time("since"), until: query.time("until"))
            }
        ) { try await services.reads.auditLog($0, $1, page: $2) }
    }
}
