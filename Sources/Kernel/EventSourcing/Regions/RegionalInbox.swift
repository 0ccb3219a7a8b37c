package import Vocabulary

/// The inboxes of several databases as one.
package struct RegionalInbox: Inbox {
    private let inboxes: BySlice<any Inbox>

    package init(_ inboxes: BySlice<any Inbox>) { self.inboxes = inboxes }

    package func accept(_ delivery: InboxDelivery) async throws(EventStoreError) -> InboxReceipt {
        try await inboxes[delivery.tenant].accept(delivery)
    }

    /// At most `limit` of each database. Throws only when no database answers.
    package func pending(olderThan age: Duration, limit: Int) async throws(EventStoreError) -> [InboxDelivery] {
        try await inboxes.gather { inbox throws(EventStoreError) in try await inbox.pending(olderThan: age, limit: limit) }
    }

    package var waitingCount: Int { inboxes.all.reduce(0) { $0 + $1.waitingCount } }
}
