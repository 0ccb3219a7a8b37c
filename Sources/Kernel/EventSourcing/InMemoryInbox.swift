import Synchronization
import Vocabulary

/// The inbox in memory: for tests and for running one file without a server.
///
/// Whether a delivery is an event is read from the log's marks. Cost: everything is kept.
package final class InMemoryInbox: Inbox {
    private struct Key: Hashable {
        let tenant: TenantID
        let dedupKey: String
    }

    private struct Row {
        let delivery: InboxDelivery
        let acceptedAt: Timestamp
    }

    private struct Contents {
        var known: [Key: EventID] = [:]
        var rows: [Row] = []
    }

    private let store: any EventStore
    private let clock: any IDSource
    private let contents = Mutex(Contents())

    /// `store` is the log whose marks tell which deliveries are events.
    package init(store: any EventStore, clock: any IDSource) {
        self.store = store
        self.clock = clock
    }

    package func accept(_ delivery: InboxDelivery) async throws(EventStoreError) -> InboxReceipt {
        let now = clock.now()
        return contents.withLock { contents in
            let key = Key(tenant: delivery.tenant, dedupKey: delivery.dedupKey)
            if let first = contents.known[key] { return .duplicate(of: first) }
            contents.known[key] = delivery.event
            contents.rows.append(Row(delivery: delivery, acceptedAt: now))
            return .accepted
        }
    }

    /// None: nothing here waits.
    package var waitingCount: Int { 0 }

    package func pending(olderThan age: Duration, limit: Int) async throws(EventStoreError) -> [InboxDelivery] {
        let now = clock.now()
        let old = contents.withLock { contents in contents.rows.filter { now - $0.acceptedAt >= age } }
        var pending: [InboxDelivery] = []
        for row in old where pending.count < limit {
            guard try await store.receipt(ofMark: row.delivery.dedupKey, tenant: row.delivery.tenant) == nil else { continue }
            pending.append(row.delivery)
        }
        return pending
    }
}
