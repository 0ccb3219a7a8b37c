import Domain
import EventSourcing
import Placement
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
            views: [.catalog], output: "Tenant", handler: PastResource.orNow(EntityKinds.tenant, id: nil, shape: PastResource.tenant, get)),
    ]

    @Sendable private static func create(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        let caller = try request.signedIn
        var fields = try request.fields()
        let name = fields.requiredString("name")
        let externalID = fields.string("externalId")
        let region = region(&fields, services.placement.regions)
        try fields.finish()
        let write = try Write(request, services)
        let (id, reply) = try await services.placement.create(
            name, externalID: externalID, of: caller.space, in: region, like: write.newID(), write.envelope)
        return try await write.answer(id, after: reply.position, status: 201, at: "/api/v1/tenants/\(id)") {
            try await services.reads.tenant(id, .space(caller.space))?.json
        }
    }

    private static func region(_ fields: inout RequestFields, _ regions: Regions) -> Region {
        guard let name = fields.string("region") else { return .main }
        if let region = Region(name), regions.all.contains(region) { return region }
        fields.report("region", "must be one of \(regions.all.map(\.name).joined(separator: ", "))")
        return .main
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
