package import Vocabulary

/// The logs of several databases as one: what belongs to a slice is asked of the database that the slice names.
///
/// What is asked of all is answered by those that answer, but for ``heads()``, which is of all or none.
package struct RegionalStore: EventStore {
    /// What is asked of each database.
    package typealias Database = EventStore & WorkQueue & StateReader

    private let databases: BySlice<any Database>

    package init(_ databases: BySlice<any Database>) { self.databases = databases }

    /// Names are unique within one database: a batch whose names belong to a tenant of another one is invalid.
    package func append(_ batch: AppendBatch) async throws(EventStoreError) -> AppendOutcome {
        let tenant = batch.address.tenant
        guard (batch.reservations + batch.releases).allSatisfy({ databases.isOne($0.scope, tenant) }) else {
            throw EventStoreError(.invalid("a name that is unique among tenants of another region"))
        }
        return try await databases[tenant].append(batch)
    }

    package func read(_ address: StreamAddress, after version: StreamVersion, limit: Int) async throws(EventStoreError) -> [RecordedEvent] {
        try await databases[address.slice].read(address, after: version, limit: limit)
    }

    package func read(_ slice: Slice, after position: Int64, limit: Int) async throws(EventStoreError) -> [RecordedEvent] {
        try await databases[slice].read(slice, after: position, limit: limit)
    }

    package func receipt(ofMark mark: String, tenant: TenantID) async throws(EventStoreError) -> AppendReceipt? {
        try await databases[tenant].receipt(ofMark: mark, tenant: tenant)
    }

    package func heads() async throws(EventStoreError) -> [Slice: Int64] {
        var heads: [Slice: Int64] = [:]
        for database in databases.all { heads.merge(try await database.heads()) { $1 } }
        return heads
    }
}

extension RegionalStore: WorkQueue {
    /// Throws only when no database answers: the others' work does not wait for the one that is away, which says so when it is used.
    package func readyJobs(limitPerLane: Int) async throws(EventStoreError) -> [Job] {
        try await databases.gather { database throws(EventStoreError) in try await database.readyJobs(limitPerLane: limitPerLane) }
    }

    package func job(of stream: StreamID, in slice: Slice) async throws(EventStoreError) -> Job? {
        try await databases[slice].job(of: stream, in: slice)
    }
}

extension RegionalStore: StateReader {
    package func stateValue(scope: StateScopeID, key: String, tenant: TenantID) async throws(EventStoreError) -> [UInt8]? {
        try await databases[tenant].stateValue(scope: scope, key: key, tenant: tenant)
    }
}

extension BySlice {
    /// What the parts answer together, asked at once; throws only when none of them answers.
    package func gather<Element: Sendable>(
        _ ask: @escaping @Sendable (Part) async throws(EventStoreError) -> [Element]
    ) async throws(EventStoreError) -> [Element] {
        let answers = await withTaskGroup(of: Result<[Element], EventStoreError>.self) { group in
            for part in all {
                group.addTask { do throws(EventStoreError) { return .success(try await ask(part)) } catch { return .failure(error) } }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var (found, failures): ([Element], [EventStoreError]) = ([], [])
        for answer in answers {
            switch answer {
            case .success(let elements): found += elements
            case .failure(let error): failures.append(error)
            }
        }
        if let failure = failures.first, failures.count == answers.count { throw failure }
        return found
    }
}
