import EventLog
import EventSourcing
import EventStoreConformance
import PostgresDriver
import PostgresTestKit

/// Lets appends pile up behind a writer that waits for the heads' locks, so that they become one group; answers what became of each.
///
/// `whenPiled` runs when all wait, before the locks are let go; `untilAnswered` holds the locks until every batch has its answer.
func pileUp(
    _ batches: [AppendBatch], _ log: EventLog, _ database: TestDatabase, untilAnswered: Bool = false,
    whenPiled: @escaping @Sendable () -> Void = {}
) async throws -> [Result<AppendOutcome, EventStoreError>] {
    let (isHeld, mayGo) = (Gate(), Gate())
    let fixture = ConformanceFixture(store: log.store)
    // A writer that still connects would wait for the lock too, and a stop would end its attempt.
    while case .failure = await outcome(of: fixture.batch(fixture.stream(), .none), log) { await Task.yield() }
    async let holder: Void = administrate(database) { connection in
        try connection.withTransaction {
            _ = try connection.execute("select from slice_head for update")
            isHeld.open()
            mayGo.waitUntilOpen()
        }
    }
    await isHeld.whenOpen()
    async let first = outcome(of: fixture.batch(fixture.stream(), .none), log)
    try await waitUntilBlocked(database)
    let results = await withTaskGroup(of: (Int, Result<AppendOutcome, EventStoreError>).self) { group in
        for (index, batch) in batches.enumerated() { group.addTask { (index, await outcome(of: batch, log)) } }
        var results: [Int: Result<AppendOutcome, EventStoreError>] = [:]
        if untilAnswered {
            for await (index, result) in group { results[index] = result }
        } else {
            while log.store.backlog < batches.count { await Task.yield() }
        }
        whenPiled()
        mayGo.open()
        for await (index, result) in group { results[index] = result }
        return results
    }
    _ = await first
    try await holder
    return batches.indices.compactMap { results[$0] }
}

private func outcome(of batch: AppendBatch, _ log: EventLog) async -> Result<AppendOutcome, EventStoreError> {
    do { return .success(try await log.store.append(batch)) } catch { return .failure(error) }
}

/// Returns when a connection to the database waits for a lock.
func waitUntilBlocked(_ database: TestDatabase) async throws {
    try await administrate(database) { connection in
        let blocked = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        while try connection.execute(blocked).first?.int8(0) == 0 { _ = try connection.execute("select pg_sleep(0.005)") }
    }
}
