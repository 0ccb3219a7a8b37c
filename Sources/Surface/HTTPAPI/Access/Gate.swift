import Cryptography
import Domain
import EventSourcing
import Projections
import Vocabulary

/// Finds out who asks and whether he may, from the request's head alone.
struct Gate: Sendable {
    let services: APIServices

    /// The caller; nil on routes that are open. Both families of header names are taken, and must not contradict each other.
    func caller(of head: RequestHead, for match: RouteMatch) async throws -> Caller? {
        guard let permission = match.route.permission else { return nil }
        let key = try head.headers.single("x-fastn-api-key", or: "x-fastn-access-key")
        let space = try head.headers.single("x-fastn-space-id", or: "x-fastn-account-id")
        let tenant = try head.headers.single("x-fastn-space-tenantid", or: "x-fastn-account-tenant-id")
        guard let key, let known = try await services.catalog.apiKey(digest: SHA256.hash(Array(key.utf8)).hex) else { throw APIError.unauthorized }
        if let space, SpaceID(space) != known.space { throw try await denied(known, permission, head) }
        let inHeader = try await own(tenant, of: known.space)
        let inPath = try await own(match.parameters["tid"], of: known.space)
        return Caller(key: known.id, space: known.space, namedTenant: inPath ?? inHeader)
    }

    /// The tenant of that id or external id, which must be the space itself or one of its customers; anybody else's does not exist.
    ///
    /// What can be one of our ids is one: an external id of that form is not looked for.
    private func own(_ text: String?, of space: SpaceID) async throws -> TenantID? {
        guard let text else { return nil }
        let named = if let id = TenantID(text) { id } else { try await services.catalog.tenant(externalID: text, of: space) }
        guard let tenant = named, try await services.catalog.space(of: tenant) == space else { throw APIError.notFound }
        return tenant
    }

    /// Writes the attempt into the audit trail of the space whose key it was.
    private func denied(_ key: CatalogKey, _ permission: Permission, _ head: RequestHead) async throws -> APIError {
        let caller = Caller(key: key.id, space: key.space, namedTenant: nil)
        let resource = StreamAddress(tenant: key.space, stream: key.space.recast(), category: Category("space"))
        let envelope = CommandEnvelope(
            commandID: services.ids.next(), principal: caller.principal, correlation: head.correlation, lane: .p1, isRemembered: false)
        let reason = "the API key belongs to another space than the header x-fastn-space-id names"
        let entry = head.remote.map { "\(reason), from \($0)" } ?? reason
        try await services.trail.record(.denied, action: permission.description, resource: resource, reason: entry, envelope)
        return APIError(.forbidden, reason)
    }
}
