import EventSourcing
import PostgresDriver
import Vocabulary

/// How a row of `events` becomes an event.
extension RecordedEvent {
    /// What `init(row:)` reads, in its order.
    static let columns = "slice, pos, version, stream_id, tenant_id, era, event_id, type, schema, recorded_at, meta, codec, body"

    static func all(_ rows: PostgresRows) throws(EventStoreError) -> [RecordedEvent] {
        var events: [RecordedEvent] = []
        events.reserveCapacity(rows.count)
        for row in rows { events.append(try RecordedEvent(row: row)) }
        return events
    }

    private init(row: PostgresRow) throws(EventStoreError) {
        let type = try decoded { () throws(PostgresError) in try row.text(7) }
        let address = try decoded { () throws(PostgresError) in
            StreamAddress(
                tenant: TenantID(bits: try row.uuid(4)), stream: StreamID(bits: try row.uuid(3)), category: Category(ofType: type),
                era: Era(try row.date(5)))
        }
        let (position, version) = try decoded { () throws(PostgresError) in (try row.int8(1), try row.int4(2)) }
        let schema = try decoded { () throws(PostgresError) in try row.int2(8) }
        let (id, time) = try decoded { () throws(PostgresError) in (try row.uuid(6), try row.timestamp(9)) }
        self.init(
            address: address, position: LogPosition(slice: address.slice, position: position), version: StreamVersion(version), id: EventID(bits: id),
            form: try StoredForm(row: row, type: type, schema: schema, codec: 11, body: 12), meta: try EventMeta(row: row, column: 10),
            recordedAt: Timestamp(microseconds: time))
    }
}

extension Category {
    /// An event's type begins with its stream's category, which is checked before it is stored.
    fileprivate init(ofType type: String) { self.init(String(type.prefix { $0 != "." })) }
}

extension StoredForm {
    /// Reads the columns that hold the codec and the bytes.
    init(row: PostgresRow, type: String, schema: Int16, codec: Int, body: Int) throws(EventStoreError) {
        let (number, payload) = try decoded { () throws(PostgresError) in (try row.int2(codec), try row.bytes(body)) }
        guard let codec = PayloadCodec(rawValue: number) else { throw EventStoreError(.unreadable("codec \(number) of event \(type) v\(schema)")) }
        do { try self.init(type: type, schema: schema, codec: codec, payload: payload) } catch { throw EventStoreError(.unreadable("\(error)")) }
    }
}

extension EventMeta {
    init(row: PostgresRow, column: Int) throws(EventStoreError) {
        let bytes = try decoded { () throws(PostgresError) in try row.bytes(column) }
        let json: JSONValue
        do { json = try JSONValue(parsing: bytes) } catch { throw EventStoreError(.unreadable("the meta of an event: \(error)")) }
        guard let meta = EventMeta(json: json) else { throw EventStoreError(.unreadable("the meta of an event")) }
        self = meta
    }
}
