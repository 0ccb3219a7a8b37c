import Synchronization
package import Vocabulary

/// The log in memory: for tests and for running one file without a server.
///
/// Passes the conformance suite of the Postgres store. Cost: everything is kept.
package final class InMemoryEventStore: EventStore, WorkQueue, StateReader {
    private let clock: any IDSource
    private let contents = Mutex(Contents())

    fileprivate struct Contents {
        var slices: [Slice: [RecordedEvent]] = [:]
        var streams: [StreamID: [RecordedEvent]] = [:]
        var marks: [String: AppendReceipt] = [:]
        var reservations: [Reservation: StreamID] = [:]
        var jobs: [StreamID: Job] = [:]
        var state: [StateKey: (value: [UInt8], expires: Timestamp?)] = [:]
        var keys = InMemoryKeyring()
    }

    fileprivate struct StateKey: Hashable {
        let scope: StateScopeID
        let key: String
    }

    package init(clock: any IDSource) { self.clock = clock }

    package func append(_ batch: AppendBatch) async throws(EventStoreError) -> AppendOutcome {
        let now = clock.now()
        guard !batch.events.isEmpty else { throw EventStoreError(.invalid("a batch without events")) }
        return try contents.withLock { (contents: inout Contents) throws(EventStoreError) in try contents.append(batch, now: now) }
    }

    package func read(_ address: StreamAddress, after version: StreamVersion, limit: Int) async throws(EventStoreError) -> [RecordedEvent] {
        contents.withLock { contents in
            guard let stream = contents.streams[address.stream], stream.first?.address == address else { return [] }
            return Array(stream.dropFirst(Int(version.number)).prefix(limit))
        }
    }

    package func read(_ slice: Slice, after position: Int64, limit: Int) async throws(EventStoreError) -> [RecordedEvent] {
        contents.withLock { Array(($0.slices[slice] ?? []).dropFirst(Int(position)).prefix(limit)) }
    }

    package func receipt(ofMark mark: String, tenant: TenantID) async throws(EventStoreError) -> AppendReceipt? {
        contents.withLock { $0.marks["\(tenant) \(mark)"] }
    }

    package func heads() async throws(EventStoreError) -> [Slice: Int64] { contents.withLock { $0.slices.mapValues { Int64($0.count) } } }

    package func readyJobs(limitPerLane: Int) async throws(EventStoreError) -> [Job] {
        let now = clock.now()
        return contents.withLock { contents in
            Lane.allCases.flatMap { lane in
                contents.jobs.values.filter { $0.lane == lane && $0.due <= now }.sorted { ($0.due, $0.stream) < ($1.due, $1.stream) }.prefix(
                    limitPerLane)
            }
        }
    }

    package func job(of stream: StreamID, in slice: Slice) async throws(EventStoreError) -> Job? { contents.withLock { $0.jobs[stream] } }

    package func stateValue(scope: StateScopeID, key: String, tenant: TenantID) async throws(EventStoreError) -> [UInt8]? {
        let now = clock.now()
        return contents.withLock { contents in
            guard let entry = contents.state[StateKey(scope: scope, key: key)], contents.keys.owner(ofState: scope, key)?.tenant == tenant,
                entry.expires.map({ $0 > now }) ?? true
            else { return nil }
            return entry.value
        }
    }
}

extension InMemoryEventStore.Contents {
    fileprivate mutating func append(_ batch: AppendBatch, now: Timestamp) throws(EventStoreError) -> AppendOutcome {
        let tenant = batch.address.tenant
        if let done = batch.marks.compactMap({ marks["\(tenant) \($0)"] }).first { return .repeated(done) }
        let stream = streams[batch.address.stream] ?? []
        if let stored = try stored(batch, in: stream) { return .already(stored) }
        if let actual = conflict(of: batch.expected, with: stream) { return .conflict(actual: actual) }
        let claims = Set(batch.reservations)
        let isTaken = claims.contains { reservations[$0].map { $0 != batch.address.stream } ?? false }
        if isTaken || claims.count < batch.reservations.count { return .taken }
        let receipt = insert(batch, after: stream, now: now)
        for mark in batch.marks { marks["\(tenant) \(mark)"] = receipt }
        for release in batch.releases where reservations[release] == batch.address.stream { reservations.removeValue(forKey: release) }
        for claim in claims { reservations[claim] = batch.address.stream }
        switch batch.work {
        case .asks(let kind, let lane, let due):
            jobs[batch.address.stream] = Job(stream: batch.address.stream, kind: kind, lane: lane, tenant: tenant, due: due ?? now)
        case .done: jobs.removeValue(forKey: batch.address.stream)
        case nil: break
        }
        for write in batch.stateWrites {
            let key = InMemoryEventStore.StateKey(scope: write.scope, key: write.key)
            let owner = keys.note(write, of: batch)
            state[key] = keys.isDestroyed(owner, of: tenant) ? nil : write.value.map { ($0, write.expires) }
        }
        return .appended(receipt)
    }

    private func conflict(of expected: ExpectedVersion, with stream: [RecordedEvent]) -> StreamVersion? {
        let actual = StreamVersion(Int32(stream.count))
        switch expected {
        case .any: return nil
        case .none: return actual == .none ? nil : actual
        case .exactly(let version): return actual == version ? nil : actual
        }
    }

    /// A batch all of whose ids stand in its stream, adjacent and in order, was stored before; anything between is a fault of the caller.
    private func stored(_ batch: AppendBatch, in stream: [RecordedEvent]) throws(EventStoreError) -> AppendReceipt? {
        let slice = slices[batch.address.slice] ?? []
        let ids = batch.events.map(\.id)
        let known = Set(ids)
        let found = slice.filter { known.contains($0.id) }
        guard let first = found.first else { return nil }
        guard found.allSatisfy({ $0.address.stream == batch.address.stream }) else {
            throw EventStoreError(.corrupt("an event id of \(batch.address) is stored in another stream"))
        }
        guard found.map(\.id) == ids else { throw EventStoreError(.corrupt("a batch of \(batch.address) is stored in part or in another order")) }
        return AppendReceipt(first: first.position, version: first.version, recordedAt: first.recordedAt)
    }

    private mutating func insert(_ batch: AppendBatch, after stream: [RecordedEvent], now: Timestamp) -> AppendReceipt {
        let slice = batch.address.slice
        let last = slices[slice]?.last
        let start = max(now, (last?.recordedAt ?? .epoch) + .microseconds(1))
        keys.note(batch)
        let isErased = keys.isDestroyed(batch.dataKey, of: batch.address.tenant)
        let records = batch.events.enumerated().map { index, event in
            RecordedEvent(
                address: batch.address, position: LogPosition(slice: slice, position: (last?.position.position ?? 0) + Int64(index) + 1),
                version: StreamVersion(Int32(stream.count)) + (index + 1), id: event.id,
                form: isErased ? event.form.erased : event.form, meta: event.meta, recordedAt: start + .microseconds(index))
        }
        slices[slice, default: []] += records
        streams[batch.address.stream, default: []] += records
        return AppendReceipt(first: records[0].position, version: records[0].version, recordedAt: records[0].recordedAt)
    }
}

extension InMemoryEventStore: DataKeys {
    package func subject(_ value: String, of tenant: TenantID) throws(EventStoreError) -> DataSubjectID {
        contents.withLock { $0.keys.subject(value, of: tenant, ids: clock) }
    }

    package func current(_ subject: DataSubjectID?, of tenant: TenantID) async throws(EventStoreError) -> DataKeyID? {
        contents.withLock { $0.keys.current(subject, of: tenant, ids: clock) }
    }

    package func newest(_ subject: DataSubjectID?, of tenant: TenantID) async throws(EventStoreError) -> DataKey? {
        let now = clock.now()
        return contents.withLock { $0.keys.newest(subject, of: tenant)?.key(at: now) }
    }

    package func destroy(_ key: DataKeyID, of tenant: TenantID) async throws(EventStoreError) -> DataKey? {
        let now = clock.now()
        return contents.withLock { contents in
            guard let found = contents.keys.destroy(key, of: tenant, at: now) else { return nil }
            contents.erase(found, of: tenant)
            return found.key(at: now)
        }
    }
}

extension InMemoryEventStore.Contents {
    /// Puts stubs in the place of what a destroyed key would have opened.
    fileprivate mutating func erase(_ key: InMemoryKeyring.Entry, of tenant: TenantID) {
        let keys = keys
        func erased(_ event: RecordedEvent) -> RecordedEvent {
            guard event.address.tenant == tenant, keys.isDestroyed(keys.owner(of: event.id), of: tenant) else { return event }
            return RecordedEvent(
                address: event.address, position: event.position, version: event.version, id: event.id, form: event.form.erased, meta: event.meta,
                recordedAt: event.recordedAt)
        }
        slices[Slice(of: tenant)] = slices[Slice(of: tenant)]?.map(erased)
        streams = streams.mapValues { $0.map(erased) }
        state = state.filter { entry in
            keys.owner(ofState: entry.key.scope, entry.key.key).map { $0.tenant != tenant || !keys.isDestroyed($0.key, of: tenant) } ?? true
        }
    }
}
