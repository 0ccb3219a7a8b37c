import Synchronization
package import Vocabulary

/// Snapshots in memory: for tests and for running one file without a server.
package final class InMemorySnapshotStore: SnapshotStore {
    private let streams = Mutex<[StreamAddress: [Snapshot]]>([:])

    package init() {}

    package func latest(
        of address: StreamAddress, foldVersion: Int32, upTo version: StreamVersion?, withProvenance: Bool
    ) async throws(EventStoreError) -> Snapshot? {
        streams.withLock { streams in
            streams[address]?.last { snapshot in
                snapshot.foldVersion == foldVersion && version.map { snapshot.version <= $0 } ?? true
                    && (snapshot.provenance != nil || !withProvenance)
            }
        }
    }

    package func save(_ snapshot: Snapshot, of address: StreamAddress) async throws(EventStoreError) {
        streams.withLock { streams in
            var kept = streams[address] ?? []
            if let place = kept.firstIndex(where: { $0.version == snapshot.version }) {
                guard snapshot.displaces(kept[place]) else { return }
                kept.remove(at: place)
            }
            kept.insert(snapshot, at: kept.firstIndex { $0.version > snapshot.version } ?? kept.endIndex)
            let plain = kept.filter { $0.provenance == nil }.map(\.version)
            if let oldest = plain.suffix(Limits.snapshotsPerStream).first { kept.removeAll { $0.provenance == nil && $0.version < oldest } }
            streams[address] = kept
        }
    }
}

extension Snapshot {
    /// Whether it takes the place of another of the same version.
    fileprivate func displaces(_ other: Snapshot) -> Bool {
        foldVersion > other.foldVersion || foldVersion == other.foldVersion && provenance != nil && other.provenance == nil
    }
}
