import Domain
import EventSourcing
import PostgresDriver
import Vocabulary

/// Keeps the list of what reached us from outside; bodies stay in the log.
struct EventsProjection: Projection {
    let name = ProjectionName.events
    let categories: Set<Category>? = [ReceivedEventDecider.category, ErasureDecider.category]
    let version: Int32 = 1

    private struct Received {
        let id: EventID
        let tenant: TenantID
        let event: ReceivedEvent
        let at: Timestamp
        let position: LogPosition
    }

    private struct Routed {
        let id: EventID
        let normalized: NormalizedEvent
        let routes: [TakenRoute]
        let position: LogPosition
    }

    func statements(for events: [RecordedEvent], read: RowReader) async throws -> [PostgresStatement] {
        var received: [Received] = []
        var routed: [Routed] = []
        for event in events where event.form.type == "event.received" || event.form.type == "event.routed" {
            let id: EventID = event.address.stream.recast()
            switch try ReceivedEventEvent.restore(event.form) {
            case .received(let what):
                received.append(Received(id: id, tenant: event.address.tenant, event: what, at: event.recordedAt, position: event.position))
            case .routed(let normalized, let routes):
                routed.append(Routed(id: id, normalized: normalized, routes: routes, position: event.position))
            }
        }
        return try [received.isEmpty ? nil : Self.insert(received), routed.isEmpty ? nil : Self.update(routed)].compactMap { $0 }
            + Erasing.all(in: events).flatMap(\.ofReceivedEvents)
    }

    private static func insert(_ rows: [Received]) -> PostgresStatement {
        PostgresStatement(
            """
            insert into received_events (event_id, tenant_id, space_id, environment, kind, trigger_id, received_at, headers, query, body_bytes,
                content_type, slice, pos, data_key, status)
            select r.*, 'received' from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) as r
            """,
            [
                .ids(rows.map(\.id)), .ids(rows.map(\.tenant)), .ids(rows.map(\.event.space)), .safeTexts(rows.map(\.event.environment.name)),
                .texts(rows.map(\.event.kind.rawValue)), .ids(rows.map(\.event.trigger)), .times(rows.map(\.at)),
                .bytesList(rows.map(\.event.headersJSON.encoded)), .safeTexts(rows.map(\.event.query)), .ints(rows.map(\.event.body.count)),
                .safeTexts(rows.map { $0.event.headers.first { $0.name == "content-type" }?.value }), .slices(rows.map(\.position)),
                .positions(rows.map(\.position)), .ids(rows.map(\.event.dataKey)),
            ])
    }

    private static func update(_ rows: [Routed]) -> PostgresStatement {
        PostgresStatement(
            """
            update received_events e set status = 'routed', source = r.source, type = r.type, idempotency_key = r.idempotency_key, routes = r.routes,
                slice = r.slice, pos = r.pos
            from unnest($1, $2, $3, $4, $5, $6, $7) as r(event_id, source, type, idempotency_key, routes, slice, pos)
            where e.event_id = r.event_id
            """,
            [
                .ids(rows.map(\.id)), .safeTexts(rows.map(\.normalized.source)), .safeTexts(rows.map(\.normalized.type)),
                .safeTexts(rows.map(\.normalized.idempotencyKey)),
                .bytesList(rows.map { JSONValue.array($0.routes.map { ["workflowId": .id($0.workflow), "executionId": .id($0.run)] }).encoded }),
                .slices(rows.map(\.position)), .positions(rows.map(\.position)),
            ])
    }
}
