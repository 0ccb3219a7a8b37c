import Domain
import Erasure
import EventSourcing
import Projections
import Vocabulary

/// Erasures: somebody's data, or all of a customer's, made unreadable for good.
enum ErasureRoutes {
    private static let base = "/api/v1/tenants/{tid}/erasures"

    static let all = [
        Route(
            "POST", base, "createErasure", Permission(.customers, .delete), "Erase a person's data, or all data of a customer",
            input: "ErasureInput", output: "Erasure", handler: create),
        Route(
            "GET", "\(base)/{id}", "getErasure", Permission(.customers, .read), "Read an erasure", query: ["asOf"], output: "Erasure",
            handler: PastResource.orNow(EntityKinds.erasure, id: "id", get)),
    ]

    @Sendable private static func create(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        let tenant = try request.signedIn.tenant
        var fields = try request.fields()
        let value = fields.string("subject")
        let isWhole = fields.bool("everything") ?? false
        let reason = fields.requiredString("reason")
        if (value != nil) == isWhole { fields.report("subject", "name the person, or ask for {\"everything\": true}, but not both") }
        if value?.isEmpty ?? false { fields.report("subject", "must not be empty") }
        // The reason is kept, and shall not keep what is erased.
        if let value, !value.isEmpty, reason.contains(value) { fields.report("reason", "must not name the person: it stays in the audit log") }
        try fields.finish()
        let write = try Write(request, services)
        let subject = try value.map { try services.keys.subject($0, of: tenant) }
        let (key, reply) = try await services.eraser.erase(subject, of: tenant, reason: reason, write.envelope)
        // Lists show nothing of the data any more once these views have seen that it was asked for.
        return try await write.answer(
            key, after: reply.position, in: [.executions, .events, .audit], status: 201, at: "/api/v1/tenants/\(tenant)/erasures/\(key)"
        ) {
            let past = try await services.travel.asOf(EntityKinds.erasure, at: Eraser.address(of: key, tenant), .now)
            guard case .found(let entity) = past else { return nil }
            return PastResource.json(entity)
        }
    }

    @Sendable private static func get(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        let place = try await PastPlace(of: EntityKinds.erasure, "id", request, services)
        let entity = try place.found(try await services.travel.asOf(place.kind, at: place.address, .now), at: .now)
        return .json(try found(PastResource.json(entity)))
    }
}
