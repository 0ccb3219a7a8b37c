package import EventSourcing
import PostgresDriver
import Vocabulary

/// The streams of the log, page by page, in an order of their own.
package struct StreamList: Sendable {
    private let store: PostgresEventStore
    private var slice: Int16 = -1
    private var stream: StreamID = StreamID(bits: 0)

    package init(_ store: PostgresEventStore) { self.store = store }

    /// The next streams, at most `limit`; empty at the end. Streams that begin meanwhile may be left out.
    package mutating func next(_ limit: Int) async throws(EventStoreError) -> [StreamAddress] {
        let sql = """
            select slice, stream_id, tenant_id, category, era from streams where (slice, stream_id) > ($1, $2) order by slice, stream_id limit $3
            """
        let rows = try await store.query(sql, [.int2(slice), .uuid(stream.bits), .int4(Int32(clamping: limit))])
        var addresses: [StreamAddress] = []
        for row in rows {
            let address = try decoded { () throws(PostgresError) in
                StreamAddress(
                    tenant: TenantID(bits: try row.uuid(2)), stream: StreamID(bits: try row.uuid(1)), category: Category(try row.text(3)),
                    era: Era(try row.date(4)))
            }
            addresses.append(address)
        }
        if let last = addresses.last { (slice, stream) = (last.slice.number, last.stream) }
        return addresses
    }
}
