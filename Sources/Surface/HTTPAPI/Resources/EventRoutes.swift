import Cryptography
import Domain
import EventSourcing
import Projections
import Vocabulary

/// Events that reached us: webhooks, schedules, calls by name.
enum EventRoutes {
    private static let base = "/api/v1/tenants/{tid}/events"

    static let all = [
        Route(
            "GET", base, "listEvents", Permission(.activity, .read), "List received events",
            query: ["kind", "triggerId", "limit", "cursor"], views: [.events], output: "EventList", handler: list),
        Route(
            "GET", "\(base)/{id}", "getEvent", Permission(.activity, .read), "Read an event with headers and body", query: ["asOf"],
            views: [.events], output: "Event", handler: PastResource.orNow(EntityKinds.event, id: "id", shape: PastResource.event, get)),
    ]

    @Sendable private static func list(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        try await request.page(filteredBy: { EventFilter(kind: $0.choice("kind"), trigger: $0.id("triggerId")) }) {
            try await services.reads.events($0, $1, page: $2)
        }
    }

    /// The row of the list, with what only the log keeps: headers and body as they came.
    @Sendable private static func get(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        let id: EventID = try request.id("id")
        let row = try found(try await services.reads.event(id, try request.scope))
        let address = StreamAddress(tenant: row.tenant, stream: id.recast(), category: ReceivedEventDecider.category, era: .month(of: id))
        let state = try await services.entities.receivedEvents.state(at: address)
        // Somebody who reads through old events must not fill the memory with their bodies.
        services.entities.receivedEvents.forget(address)
        guard let event = state.event else { throw APIError.notFound }
        let text = String(validating: event.body, as: UTF8.self)
        return .json(
            row.json.with("headers", event.headersJSON).with("query", .optional(event.query))
                .with("body", .string(text ?? Base64.encode(event.body))).with("bodyEncoding", text == nil ? "base64" : "utf8"))
    }
}
