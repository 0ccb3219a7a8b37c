import Synchronization
import Vocabulary

/// Stores snapshots in the background: nobody waits for one, and one that fails changes nothing.
package final class SnapshotWriter: Sendable {
    private struct Order: Sendable {
        let address: StreamAddress
        /// Encodes the state, which is not done by whoever holds it.
        let snapshot: @Sendable () throws -> Snapshot
    }

    let store: any SnapshotStore
    private let failed: @Sendable (StreamAddress, any Error) -> Void
    private let orders = Mutex(FIFO<Order>())
    private let ordered = Signal()

    /// `failed` is told what could not be stored, and why.
    package init(store: any SnapshotStore, failed: @escaping @Sendable (StreamAddress, any Error) -> Void = { _, _ in }) {
        self.store = store
        self.failed = failed
    }

    /// Stores what is asked for, one after another, until cancelled; one task runs it.
    package func run() async {
        while !Task.isCancelled {
            await ordered.wait()
            while !Task.isCancelled, let order = orders.withLock({ $0.popFirst() }) {
                do { try await store.save(order.snapshot(), of: order.address) } catch { failed(order.address, error) }
            }
        }
    }

    /// Asks for a snapshot; returns at once. Nothing happens when too many are asked for already: another one follows.
    func save<D: Decider>(_ folded: Folded<D>, at position: Int64, _ recordedAt: Timestamp, of address: StreamAddress) {
        let (state, version) = (folded.state, folded.version)
        let order = Order(address: address) {
            Snapshot(
                version: version, position: position, recordedAt: recordedAt, foldVersion: D.foldVersion, body: try CBOR.encode(state),
                dataKey: D.dataKey(of: state))
        }
        let isTaken = orders.withLock { orders in
            guard orders.count < Limits.snapshotsWaiting else { return false }
            orders.append(order)
            return true
        }
        if isTaken { ordered.raise() }
    }
}
