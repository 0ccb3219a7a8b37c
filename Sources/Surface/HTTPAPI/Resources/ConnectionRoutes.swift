import Domain
import EventSourcing
import Projections
import Vocabulary

/// Connections: a connector with a tenant's credentials. The product calls them credentials too; both names lead here.
enum ConnectionRoutes {
    private static let base = "/api/v1/tenants/{tid}/connections"
    private static let alias = "/api/v1/tenants/{tid}/credentials"

    static let all = [
        Route(
            "POST", base, "createConnection", Permission(.connections, .create), "Create a connection", input: "ConnectionInput",
            output: "Connection", handler: create),
        Route(
            "GET", base, "listConnections", Permission(.connections, .read), "List connections", query: ["limit", "cursor"],
            views: [.catalog], output: "ConnectionList", handler: list),
        Route(
            "GET", "\(base)/{cid}", "getConnection", Permission(.connections, .read), "Read a connection", query: ["asOf"],
            views: [.catalog], output: "Connection", handler: PastResource.orNow(EntityKinds.connection, id: "cid", get)),
        Route(
            "PUT", "\(base)/{cid}", "rotateConnection", Permission(.connections, .update), "Replace a connection's credentials",
            input: "ConnectionRotation", output: "Connection", handler: rotate),
        Route("DELETE", "\(base)/{cid}", "deleteConnection", Permission(.connections, .delete), "Delete a connection", handler: delete),
        Route(
            "POST", alias, "createCredential", Permission(.connections, .create), "Store connector credentials", input: "ConnectionInput",
            output: "Connection", handler: create),
        Route(
            "GET", alias, "listCredentials", Permission(.connections, .read), "List stored credentials, without their values",
            query: ["limit", "cursor"], views: [.catalog], output: "ConnectionList", handler: list),
        Route(
            "PUT", "\(alias)/{cid}", "rotateCredential", Permission(.connections, .update), "Rotate credentials", input: "ConnectionRotation",
            output: "Connection", handler: rotate),
    ]

    @Sendable private static func list(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        try await request.page { try await services.reads.connections($0, page: $1) }
    }

    @Sendable private static func get(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        .json(try found(try await services.reads.connection(try request.id("cid"), try request.scope)).json)
    }

    @Sendable private static func create(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        let caller = try request.signedIn
        var fields = try request.fields()
        let name = fields.requiredString("name")
        let connector = fields.string("connector") ?? "http"
        let hosts = fields.strings("allowedHosts") ?? []
        let input = ConnectionInput(&fields)
        let profile = ConnectionProfile(
            tenant: caller.tenant, name: name, connector: connector, auth: input.auth, allowedHosts: hosts.map { $0.lowercased() })
        try fields.finish()
        let write = try Write(request, services)
        let address = address(of: write.newID(), caller.tenant)
        let secret = try await seal(input, address, services)
        let reply = try await services.entities.connections.send(.create(profile, secret: secret), to: address, isFresh: true, write.envelope)
        let location = "/api/v1/tenants/\(caller.tenant)/connections/\(address.stream)"
        return try await write.answer(address.stream, after: reply.position, status: 201, at: location) {
            try await services.reads.connection(address.stream.recast(), caller.scope)?.json
        }
    }

    @Sendable private static func rotate(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        let address = try await existing(request, services)
        var fields = try request.fields()
        let input = ConnectionInput(&fields)
        try fields.finish()
        let write = try Write(request, services)
        let secret = try await seal(input, address, services)
        let reply = try await services.entities.connections.send(.rotate(input.auth, secret: secret), to: address, write.envelope)
        let scope = try request.scope
        return try await write.answer(address.stream, after: reply.position) {
            try await services.reads.connection(address.stream.recast(), scope)?.json
        }
    }

    @Sendable private static func delete(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        let address = try await existing(request, services)
        let write = try Write(request, services)
        let reply = try await services.entities.connections.send(.delete, to: address, write.envelope)
        return await write.done(at: reply.position)
    }

    /// The record of the credentials, bound to the connection.
    private static func seal(_ input: ConnectionInput, _ address: StreamAddress, _ services: APIServices) async throws -> SecretID? {
        guard let credentials = input.credentials else { return nil }
        let name = ConnectionRecord.name(of: address.stream.recast())
        return try await services.vault.seal(credentials.encoded, tenant: address.tenant, name: name)
    }

    /// Where the connection that the path names is; one that reads do not show yet is looked for among the caller's own.
    private static func existing(_ request: APIRequest, _ services: APIServices) async throws -> StreamAddress {
        let id: ConnectionID = try request.id("cid")
        let owner = try await services.reads.connection(id, try request.scope)?.tenant
        let address = address(of: id, try owner ?? request.signedIn.tenant)
        guard case .present = try await services.entities.connections.state(at: address) else { throw APIError.notFound }
        return address
    }

    private static func address(of id: ConnectionID, _ tenant: TenantID) -> StreamAddress {
        StreamAddress(tenant: tenant, stream: id.recast(), category: ConnectionDecider.category)
    }
}
