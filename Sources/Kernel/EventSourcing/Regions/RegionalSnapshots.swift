package import Vocabulary

/// The snapshots of several databases as one: a stream's lie beside its events.
package struct RegionalSnapshots: SnapshotStore {
    private let stores: BySlice<any SnapshotStore>

    package init(_ stores: BySlice<any SnapshotStore>) { self.stores = stores }

    package func latest(
        of address: StreamAddress, foldVersion: Int32, upTo version: StreamVersion?, withProvenance: Bool
    ) async throws(EventStoreError) -> Snapshot? {
        try await stores[address.slice].latest(of: address, foldVersion: foldVersion, upTo: version, withProvenance: withProvenance)
    }

    package func save(_ snapshot: Snapshot, of address: StreamAddress) async throws(EventStoreError) {
        try await stores[address.slice].save(snapshot, of: address)
    }
}
