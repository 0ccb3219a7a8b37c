import Cryptography
import EventSourcing
import Projections
import Vocabulary

/// What the server remembers of entities, for whoever holds it to the log: `fastn verify --state`.
enum LiveStateRoutes {
    static let all = [
        Route(
            "POST", "/api/v1/tenants/{tid}/live-states", "readLiveStates", Permission(.audit, .read),
            "Digests of the states in the server's memory", input: "LiveStateQuery", output: "LiveStateList", handler: read)
    ]

    /// One entity that is asked for.
    private struct Wanted {
        let kind: Category
        let tenant: TenantID
        let stream: StreamID

        /// Nil when a member is no id, which is reported.
        init?(_ fields: inout RequestFields) {
            kind = Category(fields.requiredString("kind"))
            let (tenant, stream) = (TenantID(fields.requiredString("tenantId")), StreamID(fields.requiredString("id")))
            if tenant == nil { fields.report("tenantId", "must be an id of 36 characters") }
            if stream == nil { fields.report("id", "must be an id of 36 characters") }
            guard let tenant, let stream else { return nil }
            (self.tenant, self.stream) = (tenant, stream)
        }
    }

    @Sendable private static func read(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        let caller = try request.signedIn
        var fields = try request.fields()
        let withState = fields.bool("withState") ?? false
        let wanted = (fields.each("entities") { entity, _ in Wanted(&entity) } ?? []).compactMap { $0 }
        if wanted.count > Limits.pageRows { fields.report("entities", "must be at most \(Limits.pageRows)") }
        try fields.finish()
        var rows: [JSONValue] = []
        for entity in wanted where try await isVisible(entity.tenant, to: caller, services) {
            if let row = try await row(entity, withState, services) { rows.append(row) }
        }
        return .json(["data": .array(rows)])
    }

    /// The tenant of the path; when that is the space, its customers too.
    private static func isVisible(_ tenant: TenantID, to caller: Caller, _ services: APIServices) async throws -> Bool {
        if tenant == caller.tenant { return true }
        guard caller.tenant == caller.space else { return false }
        return try await services.catalog.space(of: tenant) == caller.space
    }

    /// Nil when the entity is not in memory.
    private static func row(_ entity: Wanted, _ withState: Bool, _ services: APIServices) async throws -> JSONValue? {
        let address = StreamAddress(tenant: entity.tenant, stream: entity.stream, category: entity.kind)
        for directory in services.live where directory.category == entity.kind {
            guard let state = try await directory.live(address) else { continue }
            var row: JSONObject = [
                "kind": .string(entity.kind.name), "id": .id(entity.stream), "version": .int(state.version.number),
                "digest": .string(SHA256.hash(state.body).hex),
            ]
            if withState { row.append("state", .string(Base64.encode(state.body, .url))) }
            return .object(row)
        }
        return nil
    }
}
