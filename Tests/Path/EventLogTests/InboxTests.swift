import EventLog
import EventSourcing
import EventStoreConformance
import PostgresDriver
import PostgresTestKit
import Testing
import Vocabulary

extension ConformanceFixture {
    /// A delivery of its own, or under the given key.
    func delivery(_ key: String? = nil, tenant: TenantID? = nil, body: [UInt8] = []) -> InboxDelivery {
        let event: EventID = ids.next()
        return InboxDelivery(
            tenant: tenant ?? ids.next(), dedupKey: key ?? "\(event)", event: event,
            form: StoredForm("event.received", ["kind": "webhook"], attachment: body), meta: EventMeta(envelope()))
    }
}

@Suite struct `The inbox` {
    @Test func `accepts a delivery once and names the first one's event to those after it`() async throws {
        try await withEventLog { log, _ in
            let fixture = ConformanceFixture(store: log.store)
            let first = fixture.delivery("key")
            var receipts: [InboxReceipt] = []
            for delivery in [first, first, fixture.delivery("key", tenant: first.tenant), fixture.delivery("key")] {
                receipts.append(try await log.inbox.accept(delivery))
            }
            #expect(receipts == [.accepted, .accepted, .duplicate(of: first.event), .accepted])
        }
    }

    @Test func `of 100 equal deliveries at once one is accepted`() async throws {
        try await withEventLog { log, _ in
            let fixture = ConformanceFixture(store: log.store)
            let tenant: TenantID = fixture.ids.next()
            let receipts = try await atOnce(100) { try await log.inbox.accept(fixture.delivery("key", tenant: tenant)) }
            let winner = try #require(try await log.inbox.pending(olderThan: .zero, limit: 10).first)
            #expect(receipts.filter { $0 == .accepted }.count == 1)
            #expect(receipts.filter { $0 == .duplicate(of: winner.event) }.count == 99)
        }
    }

    @Test func `hands out what is not an event yet, oldest first, as it was delivered`() async throws {
        try await withEventLog { log, _ in
            let fixture = ConformanceFixture(store: log.store)
            let deliveries = [[0, 0xff, 0xc3], [], Array(#"{"a":"\u0000\ud800"}"#.utf8)].map { fixture.delivery(body: $0) }
            for delivery in deliveries { _ = try await log.inbox.accept(delivery) }
            let pending = try await log.inbox.pending(olderThan: .zero, limit: 10)
            #expect(pending.map(\.event) == deliveries.map(\.event))
            #expect(pending.map(\.form) == deliveries.map(\.form))
            #expect(pending.map(\.meta) == deliveries.map(\.meta))
            #expect(try await log.inbox.pending(olderThan: .zero, limit: 2).map(\.event) == deliveries.prefix(2).map(\.event))
            #expect(try await log.inbox.pending(olderThan: .seconds(3600), limit: 10).isEmpty)
        }
    }

    @Test func `is done with a delivery when its event is appended, and keeps nothing of what it held`() async throws {
        try await withEventLog { log, database in
            let fixture = ConformanceFixture(store: log.store)
            let delivery = fixture.delivery("key", body: [1, 2, 3])
            _ = try await log.inbox.accept(delivery)
            let address = StreamAddress(
                tenant: delivery.tenant, stream: delivery.event.recast(), category: Category("event"), era: .month(of: delivery.event))
            let event = NewEvent(id: delivery.event, form: delivery.form, meta: delivery.meta)
            var batch = AppendBatch(address: address, expected: .none, events: [event])
            batch.marks = [delivery.dedupKey]
            let receipt = try await fixture.append(batch)
            #expect(try await log.inbox.pending(olderThan: .zero, limit: 10).isEmpty)
            #expect(try await log.store.receipt(ofMark: "key", tenant: delivery.tenant) == receipt)
            #expect(try await log.inbox.accept(fixture.delivery("key", tenant: delivery.tenant)) == .duplicate(of: delivery.event))
            let isEmpty = try await administrate(database) {
                try $0.execute("select body is null and meta is null from inbox").map { try $0.bool(0) }
            }
            #expect(isEmpty == [true])
        }
    }

    @Test func `refuses a key that Postgres cannot keep`() async throws {
        try await withEventLog { log, _ in
            let fixture = ConformanceFixture(store: log.store)
            for key in ["a\u{0}b", String(repeating: "k", count: 1025)] {
                await #expect(throws: EventStoreError.self) { _ = try await log.inbox.accept(fixture.delivery(key)) }
            }
        }
    }
}
