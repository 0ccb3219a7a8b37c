package import EventSourcing
import Synchronization
package import Vocabulary

/// A store in memory that tells observers of its commits, as the real log does, and can lose these notices.
package final class ObservedStore: EventStore, WorkQueue {
    private let store: any EventStore & WorkQueue
    private let observers = Mutex<[any LogObserver]>([])

    package init(_ store: any EventStore & WorkQueue) { self.store = store }

    /// Without observers every notice is lost.
    package func observe(_ observers: [any LogObserver]) { self.observers.withLock { $0 = observers } }

    package func append(_ batch: AppendBatch) async throws(EventStoreError) -> AppendOutcome {
        let outcome = try await store.append(batch)
        guard case .appended(let receipt) = outcome else { return outcome }
        let jobs = try await job(of: batch.address.stream, in: batch.address.slice).map { [$0] } ?? []
        let notice = LogNotice(heads: [receipt.first], jobs: jobs)
        for observer in observers.withLock({ $0 }) { observer.logDidAppend(notice) }
        return outcome
    }

    package func read(_ address: StreamAddress, after version: StreamVersion, limit: Int) async throws(EventStoreError) -> [RecordedEvent] {
        try await store.read(address, after: version, limit: limit)
    }

    package func read(_ slice: Slice, after position: Int64, limit: Int) async throws(EventStoreError) -> [RecordedEvent] {
        try await store.read(slice, after: position, limit: limit)
    }

    package func receipt(ofMark mark: String, tenant: TenantID) async throws(EventStoreError) -> AppendReceipt? {
        try await store.receipt(ofMark: mark, tenant: tenant)
    }

    package func heads() async throws(EventStoreError) -> [Slice: Int64] { try await store.heads() }
    package func readyJobs(limitPerLane: Int) async throws(EventStoreError) -> [Job] { try await store.readyJobs(limitPerLane: limitPerLane) }
    package func job(of stream: StreamID, in slice: Slice) async throws(EventStoreError) -> Job? { try await store.job(of: stream, in: slice) }
}
