import Domain
import EventSourcing
import Projections
import Vocabulary

/// Named secrets: they can be written and deleted here, and read by workflows alone.
enum SecretRoutes {
    private static let base = "/api/v1/tenants/{tid}/secrets"

    static let all = [
        Route(
            "GET", base, "listSecrets", Permission(.secrets, .read), "List the names of secrets", query: ["limit", "cursor"], views: [.catalog],
            output: "SecretList", handler: list),
        Route("PUT", "\(base)/{name}", "writeSecret", Permission(.secrets, .update), "Write a secret", input: "SecretInput", handler: write),
        Route("DELETE", "\(base)/{name}", "deleteSecret", Permission(.secrets, .delete), "Delete a secret", handler: delete),
    ]

    @Sendable private static func list(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        try await request.page { try await services.reads.secrets($0, page: $1) }
    }

    @Sendable private static func write(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        let tenant = try request.signedIn.tenant
        let name = request.parameter("name")
        var fields = try request.fields()
        let value = fields.requiredString("value")
        if value.utf8.count > Limits.secretBytes { fields.report("value", "must be at most \(Limits.secretBytes) bytes") }
        if let problem = TextRules.key(name, at: "/name") { fields.report([problem]) }
        try fields.finish()
        let secret = try await services.vault.seal(Array(value.utf8), tenant: tenant, name: name)
        return try await change(request, services, .write(name: name, secret: secret))
    }

    @Sendable private static func delete(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        try await change(request, services, .delete(name: request.parameter("name")))
    }

    private static func change(_ request: APIRequest, _ services: APIServices, _ command: KeyringCommand) async throws -> APIResponse {
        let tenant = try request.signedIn.tenant
        let write = try Write(request, services)
        let address = StreamAddress(tenant: tenant, stream: tenant.keyring, category: KeyringDecider.category)
        let reply = try await services.entities.keyrings.send(command, to: address, write.envelope)
        return await write.done(at: reply.position)
    }
}
