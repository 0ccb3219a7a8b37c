package import EventSourcing
import PostgresDriver
import Vocabulary

/// Deliveries in Postgres: accepted in groups by a writer thread of their own, so that a webhook never waits behind the log.
///
/// Made by `EventLog`. A delivery is done, and its payload gone from here, when its event is appended with the key as mark.
package final class PostgresInbox: Inbox {
    private let pool: PostgresPool
    private let queue: CommitQueue<EncodedDelivery, InboxReceipt>
    private let connector: WriterConnector
    private let dataKeys: PostgresDataKeys

    private let owned: OwnedSlices

    init(pool: PostgresPool, connector: WriterConnector, backlog: BacklogLimits, dataKeys: PostgresDataKeys, owned: OwnedSlices) {
        self.pool = pool
        self.owned = owned
        self.connector = connector
        self.dataKeys = dataKeys
        queue = CommitQueue(limits: backlog)
    }

    package func accept(_ delivery: InboxDelivery) async throws(EventStoreError) -> InboxReceipt {
        let keys = try await BatchKeys(delivery.form, delivery.dataKey, of: delivery.tenant, dataKeys)
        return try await queue.submit(try EncodedDelivery(delivery, keys: keys))
    }

    package static let pendingQuery = """
        select tenant_id, dedup_key, event_id, type, schema, meta, codec, body from inbox
        where state = 0 and received_at <= statement_timestamp() - $1 * interval '1 us' and ($3::int2[] is null or slice = any ($3))
        order by received_at limit $2
        """

    package var waitingCount: Int { queue.count }

    /// Deliveries of the slices that this process owns.
    package func pending(olderThan age: Duration, limit: Int) async throws(EventStoreError) -> [InboxDelivery] {
        let rows: PostgresRows
        let bounds: [PostgresValue] = [
            .double(Double(age.microseconds)), .int4(Int32(clamping: limit)), .optional(owned.numbers, PostgresValue.int2s),
        ]
        do { rows = try await pool.query(Self.pendingQuery, bounds) } catch {
            throw EventStoreError(reading: error)
        }
        return try await dataKeys.reading { reader throws(EventStoreError) in
            var deliveries: [InboxDelivery] = []
            for row in rows {
                if let delivery = try InboxDelivery(row: row, &reader) { deliveries.append(delivery) }
            }
            return deliveries
        }
    }

    /// The body of the writer thread: blocks until `close` and what waits is committed.
    func write(limits: GroupLimits) -> EventStoreError? {
        var loop = CommitLoop(InboxCommitter(), queue: queue, connector: connector, limits: limits)
        return loop.run()
    }

    /// Answers deliveries that wait too long for their turn, and gives up a statement that the server does not answer.
    func expire(at now: ContinuousClock.Instant, hangLimit: Duration) {
        queue.expire(before: now - connector.patience)
        connector.watch.breakOff(begunBefore: now - hangLimit)
    }

    /// Refuses further deliveries; those that wait are still committed.
    func close() { queue.close(EventStoreError(.unavailable)) }

    /// Answers what was left behind when the writer thread has ended.
    func abandon() { queue.fail(EventStoreError(.unavailable)) }
}

extension InboxDelivery {
    /// Nil when its key must be loaded first.
    fileprivate init?(row: PostgresRow, _ reader: inout PayloadReader) throws(EventStoreError) {
        let (tenant, key, event) = try decoded { () throws(PostgresError) in (try row.uuid(0), try row.text(1), try row.uuid(2)) }
        let (type, schema) = try decoded { () throws(PostgresError) in (try row.text(3), try row.int2(4)) }
        let (codec, payload) = try decoded { () throws(PostgresError) in (try row.int2(6), try row.bytes(7)) }
        let place = PayloadReader.Place(type: type, schema: schema, event: EventID(bits: event), tenant: TenantID(bits: tenant))
        guard let form = try reader.form(at: place, codec: codec, payload) else { return nil }
        self.init(
            tenant: TenantID(bits: tenant), dedupKey: key, event: EventID(bits: event), form: form, meta: try EventMeta(row: row, column: 5),
            dataKey: reader.lastKey.flatMap { $0.isTenants ? nil : $0.id })
    }
}
