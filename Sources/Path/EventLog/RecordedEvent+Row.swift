import EventSourcing
import PostgresDriver
import Vocabulary

/// How a row of `events` becomes an event.
extension RecordedEvent {
    /// What `init(row:)` reads, in its order.
    static let columns = "slice, pos, version, stream_id, tenant_id, era, event_id, type, schema, recorded_at, meta, codec, body"

    /// Reads all rows. Cost: one query more when keys of theirs are not remembered.
    static func all(_ rows: PostgresRows, _ keys: PostgresDataKeys) async throws(EventStoreError) -> [RecordedEvent] {
        try await keys.reading { reader throws(EventStoreError) in
            var events: [RecordedEvent] = []
            events.reserveCapacity(rows.count)
            for row in rows {
                if let event = try RecordedEvent(row: row, &reader) { events.append(event) }
            }
            return events
        }
    }

    /// Nil when its key must be loaded first.
    private init?(row: PostgresRow, _ reader: inout PayloadReader) throws(EventStoreError) {
        let type = try decoded { () throws(PostgresError) in try row.text(7) }
        let address = try decoded { () throws(PostgresError) in
            StreamAddress(
                tenant: TenantID(bits: try row.uuid(4)), stream: StreamID(bits: try row.uuid(3)), category: Category(ofType: type),
                era: Era(try row.date(5)))
        }
        let (position, version) = try decoded { () throws(PostgresError) in (try row.int8(1), try row.int4(2)) }
        let schema = try decoded { () throws(PostgresError) in try row.int2(8) }
        let (id, time) = try decoded { () throws(PostgresError) in (try row.uuid(6), try row.timestamp(9)) }
        let (codec, payload) = try decoded { () throws(PostgresError) in (try row.int2(11), try row.bytes(12)) }
        let place = PayloadReader.Place(type: type, schema: schema, event: EventID(bits: id), tenant: address.tenant)
        guard let form = try reader.form(at: place, codec: codec, payload) else { return nil }
        self.init(
            address: address, position: LogPosition(slice: address.slice, position: position), version: StreamVersion(version), id: EventID(bits: id),
            form: form, meta: try EventMeta(row: row, column: 10), recordedAt: Timestamp(microseconds: time))
    }
}

extension Category {
    /// An event's type begins with its stream's category, which is checked before it is stored.
    fileprivate init(ofType type: String) { self.init(String(type.prefix { $0 != "." })) }
}

extension EventMeta {
    init(row: PostgresRow, column: Int) throws(EventStoreError) {
        let bytes = try decoded { () throws(PostgresError) in try row.bytes(column) }
        let meta: EventMeta?
        do { meta = try EventMeta(stored: bytes) } catch { throw EventStoreError(.unreadable("the meta of an event: \(error)")) }
        guard let meta else { throw EventStoreError(.unreadable("the meta of an event")) }
        self = meta
    }
}
