package import Vocabulary

/// Deliveries that were proven and are kept before anything else happens to them; any node may accept one.
package protocol Inbox: Sendable {
    /// Answers after the commit: accepted under the delivery's own event id, or known under an earlier one.
    func accept(_ delivery: InboxDelivery) async throws(EventStoreError) -> InboxReceipt

    /// Deliveries that are not events yet, oldest first, accepted at least `age` ago.
    func pending(olderThan age: Duration, limit: Int) async throws(EventStoreError) -> [InboxDelivery]

    /// How many deliveries wait for a commit to take them: senders who have no answer yet.
    var waitingCount: Int { get }
}

/// A delivery on its way to become the first event of a stream of its own.
package struct InboxDelivery: Sendable {
    package let tenant: TenantID
    /// Equal for equal deliveries of one trigger; also the mark under which the event is appended.
    package let dedupKey: String
    /// The id of the event and of its stream.
    package let event: EventID
    package let form: StoredForm
    package let meta: EventMeta
    /// The key under which its data is encrypted; nil is the tenant's.
    package let dataKey: DataKeyID?

    package init(tenant: TenantID, dedupKey: String, event: EventID, form: StoredForm, meta: EventMeta, dataKey: DataKeyID? = nil) {
        self.tenant = tenant
        self.dedupKey = dedupKey
        self.event = event
        self.form = form
        self.meta = meta
        self.dataKey = dataKey
    }
}

/// What became of a delivery.
package enum InboxReceipt: Hashable, Sendable {
    case accepted
    /// The delivery came before; the id is the first one's.
    case duplicate(of: EventID)
}
