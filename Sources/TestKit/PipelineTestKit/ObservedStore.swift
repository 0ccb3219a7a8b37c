package import EventSourcing
import Synchronization
package import Vocabulary

/// A store in memory that tells observers of its commits, as the real log does, and can lose these notices.
package final class ObservedStore: ForwardingStore, WorkQueue {
    private let store: any EventStore & WorkQueue & DataKeys
    private let observers = Mutex<[any LogObserver]>([])

    package var base: any EventStore { store }

    package init(_ store: any EventStore & WorkQueue & DataKeys) { self.store = store }

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

    package func readyJobs(limitPerLane: Int) async throws(EventStoreError) -> [Job] { try await store.readyJobs(limitPerLane: limitPerLane) }
    package func job(of stream: StreamID, in slice: Slice) async throws(EventStoreError) -> Job? { try await store.job(of: stream, in: slice) }
}

extension ObservedStore: DataKeys {
    package func subject(_ value: String, of tenant: TenantID) throws(EventStoreError) -> DataSubjectID { try store.subject(value, of: tenant) }

    package func current(_ subject: DataSubjectID?, of tenant: TenantID) async throws(EventStoreError) -> DataKeyID? {
        try await store.current(subject, of: tenant)
    }

    package func newest(_ subject: DataSubjectID?, of tenant: TenantID) async throws(EventStoreError) -> DataKey? {
        try await store.newest(subject, of: tenant)
    }

    package func destroy(_ key: DataKeyID, of tenant: TenantID) async throws(EventStoreError) -> DataKey? {
        try await store.destroy(key, of: tenant)
    }
}
