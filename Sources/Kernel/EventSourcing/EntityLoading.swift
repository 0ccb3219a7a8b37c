import Vocabulary

/// Reads an entity's state from the log, from its newest snapshot on if there is one that fits.
struct EntityLoading<D: Decider>: Sendable {
    let address: StreamAddress
    let store: any EventStore
    let snapshots: (any SnapshotStore)?

    /// What was read, and the last of its events.
    struct Result: Sendable {
        var folded: Folded<D>
        /// The version of the snapshot that it was read from; `.none` for a whole replay.
        var snapshot = StreamVersion.none
        var last: RecordedEvent?
    }

    func load() async throws(EventStoreError) -> Result {
        if let snapshot = await newestSnapshot(), let result = try await load(from: snapshot) { return result }
        var result = Result(folded: Folded(state: D.initialState, version: .none))
        try await readOn(&result)
        return result
    }

    private func newestSnapshot() async -> Snapshot? {
        // Without an answer (try?) the log is read from its beginning, which comes to the same.
        try? await snapshots?.latest(of: address, foldVersion: D.foldVersion, upTo: nil, withProvenance: false)
    }

    /// Nil when the snapshot is damaged, or is of a past that the log does not have: its last event must be there, where it was.
    private func load(from snapshot: Snapshot) async throws(EventStoreError) -> Result? {
        // Bytes that are no state (try?) are as good as none.
        guard let state = try? CBOR.decode(D.State.self, from: snapshot.body) else { return nil }
        let before = StreamVersion(snapshot.version.number - 1)
        let page = try await store.read(address, after: before, limit: Limits.eventsPerPage)
        guard let first = page.first, first.version == snapshot.version, first.position.position == snapshot.position else { return nil }
        let folded = Folded<D>(state: state, version: snapshot.version, bytes: snapshot.body.count)
        var result = Result(folded: folded, snapshot: snapshot.version, last: first)
        try result.apply(page.dropFirst())
        if page.count == Limits.eventsPerPage { try await readOn(&result) }
        return result
    }

    private func readOn(_ result: inout Result) async throws(EventStoreError) {
        while true {
            let page = try await store.read(address, after: result.folded.version, limit: Limits.eventsPerPage)
            try result.apply(page[...])
            if page.count < Limits.eventsPerPage { return }
        }
    }
}

extension EntityLoading.Result {
    fileprivate mutating func apply(_ page: ArraySlice<RecordedEvent>) throws(EventStoreError) {
        for event in page { try folded.apply(event) }
        last = page.last ?? last
    }
}
