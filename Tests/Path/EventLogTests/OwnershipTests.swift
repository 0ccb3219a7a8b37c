import EventLog
import EventSourcing
import EventStoreConformance
import PostgresDriver
import PostgresTestKit
import Testing
import Vocabulary

@Suite struct `Owning the log` {
    @Test func `a later process of the same name takes the log over, and the first one's service ends with the reason`() async throws {
        try await withEmptyLog { _, configuration in
            let (first, second) = (
                EventLog(configuration: configuration, ids: SystemIDs(), logger: silentLogger),
                EventLog(configuration: configuration, ids: SystemIDs(), logger: silentLogger)
            )
            let (old, new) = (ConformanceFixture(store: first.store), ConformanceFixture(store: second.store))
            try await first.prepare()
            try await withThrowingTaskGroup(of: EventStoreError?.self) { group in
                group.addTask {
                    do { try await first.run() } catch let error as EventStoreError { return error }
                    return nil
                }
                let stream = old.stream()
                try await old.append(old.batch(stream, .none))
                try await second.prepare()
                try await withRunning(second) {
                    let receipt = try await new.append(new.batch(stream, .exactly(StreamVersion(1))))
                    #expect(receipt.first.position == 2)
                    let refused = old.batch(stream, .any)
                    let error = await #expect(throws: EventStoreError.self) { _ = try await first.store.append(refused) }
                    #expect(error?.code == .fenced)
                    let ending = try await group.next() ?? nil
                    #expect(ending?.code == .fenced)
                    let later = await #expect(throws: EventStoreError.self) { _ = try await first.store.append(refused) }
                    #expect(later?.code == .fenced)
                    #expect(try await second.store.read(stream, after: .none, limit: 10).count == 2)
                }
            }
        }
    }

    @Test func `a writer whose slice is held by somebody does not keep the other from committing`() async throws {
        try await withEventLog({ $0.writers = 2 }) { log, database in
            let fixture = ConformanceFixture(store: log.store)
            let (held, isHeld, mayGo) = (fixture.stream(), Gate(), Gate())
            var free = fixture.stream()
            while free.slice.number % 2 == held.slice.number % 2 { free = fixture.stream() }
            for stream in [held, free] { try await fixture.append(fixture.batch(stream, .none)) }
            async let holder: Void = administrate(database) { connection in
                try connection.withTransaction {
                    _ = try connection.execute("select from slice_head where slice = $1 for update", [.int2(held.slice.number)])
                    isHeld.open()
                    mayGo.waitUntilOpen()
                }
            }
            await isHeld.whenOpen()
            async let waiting = fixture.append(fixture.batch(held, .exactly(StreamVersion(1))))
            try await waitUntilBlocked(database)
            #expect(try await fixture.append(fixture.batch(free, .exactly(StreamVersion(1)))).version == StreamVersion(2))
            mayGo.open()
            #expect(try await waiting.version == StreamVersion(2))
            try await holder
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
            try await fixture.append(fixture.batch(fixture.stream(), .none, count: 3))
            await log.sweep()
            let heads = try await administrate(database) { connection in
                try connection.execute("select pos from slice_log where pos > 0").map { try $0.int8(0) }
            }
            #expect(heads == [3])
        }
    }
}
