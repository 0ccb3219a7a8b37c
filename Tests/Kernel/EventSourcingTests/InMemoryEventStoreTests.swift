import EventSourcing
import EventStoreConformance
import Testing

@Suite struct `The log in memory` {
    @Test(arguments: EventStoreConformance.checks)
    func `keeps the promises of a log`(_ check: ConformanceCheck) async throws {
        let store = InMemoryEventStore(clock: SystemIDs())
        try await check.run(on: store, keys: store)
    }
}
