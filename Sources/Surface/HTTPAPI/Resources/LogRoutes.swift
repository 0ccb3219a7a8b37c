import EventSourcing
import Projections
import ServiceLifecycle
import Vocabulary

/// A tenant's part of the event log: what happened, one entry an event, from any place in the past on and as it happens.
enum LogRoutes {
    /// How long a follower hears nothing before a sign of life is sent; proxies close what is silent for a minute.
    private static let signOfLife = Duration.seconds(15)

    static let all = [
        Route(
            "GET", "/api/v1/tenants/{tid}/log", "followLog", Permission(.audit, .read), "Read a tenant's event log, and follow it",
            query: ["after", "since", "follow"], handler: follow)
    ]

    @Sendable private static func follow(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        let tenant = try request.signedIn.tenant
        var query = request.query
        let (since, follows) = (query.time("since"), query.flag("follow"))
        try query.finish()
        let place = try place(of: request, tenant)
        guard place == nil || since == nil else { throw APIError.invalid("/since", "cannot be given together with a position; leave one out") }
        let start = place.map { LogSubscription.Start.after([$0.slice: $0.position]) } ?? since.map(LogSubscription.Start.time) ?? .beginning
        let entries = services.projections.subscribe(to: .tenant(tenant), from: start, follows: follows)
        let form = LogEntryForm(accepting: request.head.headers)
        var response = APIResponse(status: 200, headers: [("content-type", form.contentType), ("cache-control", "no-store")])
        response.stream = { write in
            var iterator = entries.makeAsyncIterator()
            // A server that shuts down waits for its answers; the follower goes on at the next one.
            while !Task.isShuttingDownGracefully, let batch = try await iterator.next(within: signOfLife) {
                try await write(batch.isEmpty ? form.signOfLife : batch.flatMap(form.bytes))
            }
        }
        return response
    }

    /// The last entry that the caller has: what a browser says when it connects again, else the parameter.
    private static func place(of request: APIRequest, _ tenant: TenantID) throws(APIError) -> LogPosition? {
        guard let text = try request.head.headers.single("last-event-id") ?? request.query.text("after") else { return nil }
        guard let position = LogPosition(text), position.slice == Slice(of: tenant) else {
            throw .invalid("/after", "must be the position of an entry of this tenant's log, such as \(Slice(of: tenant)):345")
        }
        return position
    }
}

/// How entries are written: one JSON object a line, or as server-sent events. Source: WHATWG HTML, "Server-sent events".
enum LogEntryForm {
    case lines
    case serverSentEvents

    /// Lines, unless the caller asks for events.
    init(accepting headers: RequestHeaders) {
        self = headers.values("accept").contains { $0.contains("text/event-stream") } ? .serverSentEvents : .lines
    }

    var contentType: String {
        switch self {
        case .lines: "application/x-ndjson"
        case .serverSentEvents: "text/event-stream"
        }
    }

    /// What a reader passes over.
    var signOfLife: [UInt8] {
        switch self {
        case .lines: Array("\n".utf8)
        case .serverSentEvents: Array(":\n\n".utf8)
        }
    }

    func bytes(_ event: RecordedEvent) -> [UInt8] {
        let entry = event.logEntry.text
        switch self {
        case .lines: return Array("\(entry)\n".utf8)
        case .serverSentEvents: return Array("id: \(event.position)\ndata: \(entry)\n\n".utf8)
        }
    }
}

extension RecordedEvent {
    /// What happened to what, who did it and for which request. What an event holds is in the lists of events and executions, under their rules.
    fileprivate var logEntry: JSONValue {
        var actor: JSONObject = ["type": .string(meta.principal.kind.rawValue), "id": .string(meta.principal.id)]
        if let onBehalfOf = meta.principal.onBehalfOf { actor.append("onBehalfOf", .string(onBehalfOf)) }
        return [
            "position": .string("\(position)"), "id": .id(id), "type": .string(form.type), "schema": .int(form.schema),
            "stream": .id(address.stream), "version": .int(version.number), "tenantId": .id(address.tenant), "recordedAt": .time(recordedAt),
            "environment": .string(meta.environment.name), "actor": .object(actor), "correlationId": .id(meta.correlation),
        ]
    }
}
