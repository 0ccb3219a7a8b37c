import EventLog
import EventStoreConformance
import Testing

@Suite struct `The log in Postgres` {
    @Test(arguments: EventStoreConformance.checks)
    func `keeps the promises of a log`(_ check: ConformanceCheck) async throws {
        try await withEventLog { log, _ in try await check.run(on: log.store, keys: log.dataKeys) }
    }

    @Test(arguments: EventStoreConformance.checks)
    func `keeps them with two writers`(_ check: ConformanceCheck) async throws {
        try await withEventLog({ $0.writers = 2 }) { log, _ in try await check.run(on: log.store, keys: log.dataKeys) }
    }
}
