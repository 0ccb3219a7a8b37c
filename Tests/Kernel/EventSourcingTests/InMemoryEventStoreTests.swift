import EventSourcing
import EventStoreConformance
import Testing

@Suite struct `The log in memory` {
    @Test(arguments: EventStoreConformance.checks)
    func `keeps the promises of a log`(_ check: ConformanceCheck) async throws {
        try await check.run(on: InMemoryEventStore(clock: SystemIDs()))
    }
}
