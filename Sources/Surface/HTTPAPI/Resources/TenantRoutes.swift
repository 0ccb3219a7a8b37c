import Domain
import EventSourcing
import Projections
import Vocabulary

/// Customers of a space.
enum TenantRoutes {
    static let all = [
        Route(
            "POST", "/api/v1/tenants", "createTenant", Permission(.customers, .create), "Create a customer", input: "TenantInput", output: "Tenant",
            handler: create),
        Route(
            "GET", "/api/v1/tenants", "listTenants", Permission(.customers, .read), "List the space's customers", query: ["limit", "cursor"],
            views: [.catalog], output: "TenantList", handler: list),
        Route(
            "GET", "/api/v1/tenants/{tid}", "getTenant", Permission(.customers, .read), "Read a customer", query: ["asOf"],
            views: [.catalog], output: "Tenant", handler: PastResource.orNow(EntityKinds.tenant, id: nil, get)),
    ]

    @Sendable private static func create(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        let caller = try request.signedIn
        var fields = try request.fields()
        let name = fields.requiredString("name")
        let externalID = fields.string("externalId")
        try fields.finish()
        let write = try Write(request, services)
        let id: TenantID = write.newID()
        let address = StreamAddress(tenant: id, stream: id.recast(), category: TenantDecider.category)
        let command = TenantCommand.create(space: caller.space, name: name, externalID: externalID)
        let reply = try await services.entities.tenants.send(command, to: address, isFresh: true, write.envelope)
        return try await write.answer(id, after: reply.position, status: 201, at: "/api/v1/tenants/\(id)") {
            try await services.reads.tenant(id, .space(caller.space))?.json
        }
    }

    @Sendable private static func list(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        let space = try request.signedIn.space
        return try await request.page { try await services.reads.tenants(.space(space), page: $1) }
    }

    @Sendable private static func get(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        let caller = try request.signedIn
        return .json(try found(try await services.reads.tenant(caller.tenant, .space(caller.space))).json)
    }
}
