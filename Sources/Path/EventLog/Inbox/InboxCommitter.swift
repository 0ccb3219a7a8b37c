import EventSourcing
import PostgresDriver
import Vocabulary

/// Turns a group of deliveries into one insert; safe to send again, since a row found to be there under its own event id is its own.
struct InboxCommitter: GroupCommitter {
    /// Sorted as the log sorts its marks, so that the two never wait for each other in a circle.
    private static let insert = """
        insert into inbox (slice, tenant_id, dedup_key, state, event_id, type, schema, meta, body, codec)
        select d.slice, d.tenant, d.key, 0, d.event, d.type, d.schema, d.meta, d.body, d.codec
        from unnest($1::int2[], $2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::int2[], $7::bytea[], $8::bytea[], $9::int2[])
          with ordinality as d(slice, tenant, key, event, type, schema, meta, body, codec, i)
        order by d.slice, d.tenant, d.key, d.i
        on conflict (slice, tenant_id, dedup_key) do nothing
        returning event_id
        """

    private static let lookUp = """
        select (select i.event_id from inbox i where i.slice = d.slice and i.tenant_id = d.tenant and i.dedup_key = d.key)
        from unnest($1::int2[], $2::uuid[], $3::text[]) with ordinality as d(slice, tenant, key, i)
        order by d.i
        """

    func connected(_ connection: BlockingPostgresConnection) throws {}

    func answered() {}

    func commit(
        _ requests: [EncodedDelivery], _ sending: inout Sending, on connection: BlockingPostgresConnection
    ) throws -> GroupAnswer<InboxReceipt> {
        let rows = try connection.execute(Self.insert, parameters(requests))
        sending = .resent
        let accepted = Set(try rows.map { row throws(PostgresError) in try row.uuid(0) })
        let known = requests.filter { !accepted.contains($0.delivery.event.bits) }
        let first = try storedEvents(of: known, connection)
        return GroupAnswer(
            results: requests.map { request in
                let event = request.delivery.event
                guard !accepted.contains(event.bits) else { return .success(.accepted) }
                guard let stored = first[DeliveryKey(request)] else { return .failure(EventStoreError(.unavailable)) }
                return .success(stored == event ? .accepted : .duplicate(of: stored))
            })
    }

    /// The event ids under which deliveries are known; read in a statement of its own, which sees what others have committed.
    private func storedEvents(of requests: [EncodedDelivery], _ connection: BlockingPostgresConnection) throws -> [DeliveryKey: EventID] {
        guard !requests.isEmpty else { return [:] }
        var events: [DeliveryKey: EventID] = [:]
        for (request, row) in zip(requests, try connection.execute(Self.lookUp, Array(parameters(requests).prefix(3)))) {
            events[DeliveryKey(request)] = try row.optionalUUID(0).map(EventID.init(bits:))
        }
        return events
    }

    private func parameters(_ requests: [EncodedDelivery]) -> [PostgresValue] {
        [
            .int2s(requests.map(\.slice.number)), .uuids(requests.map(\.delivery.tenant.bits)), .texts(requests.map(\.delivery.dedupKey)),
            .uuids(requests.map(\.delivery.event.bits)),
            .texts(requests.map(\.delivery.form.type)), .int2s(requests.map(\.delivery.form.schema)), .bytesList(requests.map(\.meta)),
            .bytesList(requests.map(\.body)), .int2s(requests.map(\.codec.rawValue)),
        ]
    }
}

/// What makes two deliveries the same.
private struct DeliveryKey: Hashable {
    let tenant: TenantID
    let dedupKey: String

    init(_ request: EncodedDelivery) {
        tenant = request.delivery.tenant
        dedupKey = request.delivery.dedupKey
    }
}
