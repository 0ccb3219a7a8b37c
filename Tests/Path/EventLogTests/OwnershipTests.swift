import EventLog
import EventSourcing
import EventStoreConformance
import PostgresDriver
import PostgresTestKit
import Testing
import Vocabulary

@Suite struct `Owning the log` {
    @Test func `a second owner fences the first, whose service ends with the reason`() async throws {
        try await withEmptyLog { _, configuration in
            let (first, second) = (
                EventLog(configuration: configuration, ids: SystemIDs(), logger: silentLogger),
                EventLog(configuration: configuration, ids: SystemIDs(), logger: silentLogger)
            )
            try await first.prepare()
            async let firstService: Void = first.run()
            let (old, new) = (ConformanceFixture(store: first.store), ConformanceFixture(store: second.store))
            let stream = old.stream()
            try await old.append(old.batch(stream, .none))

            try await second.prepare()
            let refused = old.batch(stream, .any)
            let error = await #expect(throws: EventStoreError.self) { _ = try await first.store.append(refused) }
            #expect(error?.code == .fenced)
            var ending: EventStoreError?
            do { try await firstService } catch let error as EventStoreError { ending = error }
            #expect(ending?.code == .fenced)
            let later = await #expect(throws: EventStoreError.self) { _ = try await first.store.append(refused) }
            #expect(later?.code == .fenced)

            try await withRunning(second) {
                let receipt = try await new.append(new.batch(stream, .exactly(StreamVersion(1))))
                #expect(receipt.first.position == 2)
                #expect(try await second.store.read(stream, after: .none, limit: 10).count == 2)
            }
        }
    }

    @Test func `times go on after the last one when the server's clock was set back`() async throws {
        try await withEmptyLog { database, configuration in
            let stream = ConformanceFixture(store: EventLog(configuration: configuration, ids: SystemIDs(), logger: silentLogger).store).stream()
            for expected in [ExpectedVersion.none, .exactly(StreamVersion(1))] {
                let log = EventLog(configuration: configuration, ids: SystemIDs(), logger: silentLogger)
                try await log.prepare()
                try await withRunning(log) {
                    let fixture = ConformanceFixture(store: log.store)
                    try await fixture.append(fixture.batch(stream, expected))
                }
                // As if the clock had been an hour ahead when the last event was written.
                _ = try await administrate(database) { try $0.execute("update slice_log set last_at = last_at + interval '1 hour' where pos = 1") }
            }
            let times = try await administrate(database) { connection in
                try connection.execute("select recorded_at from events order by pos").map { try $0.timestamp(0) }
            }
            let anHour: Int64 = 3_600_000_000
            #expect(times.count == 2 && times[1] == times[0] + anHour + 1)
        }
    }

    @Test func `positions go on after a restart`() async throws {
        try await withEventLog { log, database in
            let fixture = ConformanceFixture(store: log.store)
            let stream = fixture.stream()
            try await fixture.append(fixture.batch(stream, .none, count: 3))
            await log.sweep()
            try await log.prepare()
            // The running service still has the older epoch, the next one the newer.
            let error = await #expect(throws: EventStoreError.self) { try await fixture.append(fixture.batch(stream, .any)) }
            #expect(error?.code == .fenced)
            let heads = try await administrate(database) { connection in
                try connection.execute("select pos from slice_log where pos > 0").map { try $0.int8(0) }
            }
            #expect(heads == [3])
        }
    }
}
