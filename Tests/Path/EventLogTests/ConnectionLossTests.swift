import EventLog
import EventSourcing
import EventStoreConformance
import Glibc
import PostgresDriver
import PostgresTestKit
import Testing
import Vocabulary

@Suite struct `Losing the writer's connection` {
    private static let cuts = getenv("FASTN_LONG_TESTS") == nil ? 20 : 300

    @Test(arguments: Cut.allCases)
    func `every acknowledged event is stored exactly once and positions stay dense`(_ cut: Cut) async throws {
        try await withEventLog({ $0.writers = 2 }) { log, database in
            let fixture = ConformanceFixture(store: log.store)
            let isOver = Gate()
            let receipts = try await withThrowingTaskGroup(of: [EventID: AppendReceipt].self) { group in
                for _ in 0..<16 { group.addTask { try await appendMany(fixture, until: isOver) } }
                group.addTask {
                    try await cutConnection(cut, Self.cuts, of: "fastn log", growing: "slice_log", database, until: isOver)
                    return [:]
                }
                return try await group.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: { first, _ in first }) }
            }
            try await expectStoredOnce(receipts, database.configuration())
        }
    }

    /// A chain of appends to one stream: each depends on the one before.
    private func appendMany(_ fixture: ConformanceFixture, until isOver: Gate) async throws -> [EventID: AppendReceipt] {
        // A failure ends the others too; at the end of a success it is open already.
        defer { isOver.open() }
        let stream = fixture.stream()
        var receipts: [EventID: AppendReceipt] = [:]
        while !isOver.hasOpened {
            let batch = fixture.batch(stream, receipts.isEmpty ? .none : .exactly(StreamVersion(Int32(receipts.count))))
            receipts[batch.events[0].id] = try await fixture.append(batch)
        }
        return receipts
    }

    @Test(arguments: Cut.allCases)
    func `what became of an append is found out, whether it was committed or not`(_ cut: Cut) async throws {
        try await withEventLog { log, database in
            let fixture = ConformanceFixture(store: log.store)
            try await HeldAppends.with(database) { held in
                let batch = held.batch(fixture, fixture.stream(), .none, count: 3)
                async let receipt = fixture.append(batch)
                try await held.whenHeld()
                // A server that loses its client goes on and commits; one that ends the connection rolls back.
                let process = try await cutConnection(cut, of: "fastn log", database)
                held.letGo()
                let place = try await receipt
                #expect(place.version == StreamVersion(1) && place.first.position == 1)
                let writers = try await held.writers()
                #expect(writers.count == 1 && (writers == [process]) == (cut == .byNetwork))
                let stored = try await log.store.read(batch.address, after: .none, limit: 10)
                #expect(stored.map(\.id) == batch.events.map(\.id))
            }
        }
    }

    @Test func `deliveries that are sent again after a cut are accepted once`() async throws {
        try await withEventLog { log, database in
            let fixture = ConformanceFixture(store: log.store)
            let isOver = Gate()
            let receipts = try await withThrowingTaskGroup(of: [InboxReceipt].self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        defer { isOver.open() }
                        var receipts: [InboxReceipt] = []
                        while !isOver.hasOpened { receipts.append(try await log.inbox.accept(fixture.delivery())) }
                        return receipts
                    }
                }
                group.addTask {
                    try await cutConnection(.byNetwork, 10, of: "fastn inbox", growing: "inbox", database, until: isOver)
                    return []
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(receipts.allSatisfy { $0 == .accepted })
            #expect(try await log.inbox.pending(olderThan: .zero, limit: 1_000_000).count == receipts.count)
        }
    }

    @Test func `a server that does not answer is given up, and what it was sent is sent again and stored once`() async throws {
        try await withEventLog({ $0.hangLimit = .milliseconds(300) }) { log, database in
            let fixture = ConformanceFixture(store: log.store)
            let stream = fixture.stream()
            try await fixture.append(fixture.batch(stream, .none))
            let writer = "select pid from pg_stat_activity where datname = current_database() and application_name = 'fastn log'"
            let process = try #require(try await administrate(database) { try $0.execute(writer).first?.int4(0) })
            #expect(kill(process, SIGSTOP) == 0)
            defer { kill(process, SIGCONT) }
            try await fixture.append(fixture.batch(stream, .exactly(StreamVersion(1))))
            // The one that hung finds that it comes too late.
            kill(process, SIGCONT)
            try await administrate(database) { connection in
                let isAlive = "select count(*) from pg_stat_activity where pid = $1"
                while try connection.execute(isAlive, [.int4(process)]).first?.int8(0) != 0 { _ = try connection.execute("select pg_sleep(0.005)") }
            }
            #expect(try await log.store.read(stream, after: .none, limit: 10).count == 2)
        }
    }

    @Test func `who waits for a writer that hangs is told that nothing of his was stored`() async throws {
        try await withEventLog({ $0.patience = .milliseconds(200); $0.hangLimit = .seconds(2) }) { log, database in
            let fixture = ConformanceFixture(store: log.store)
            let results = try await pileUp((0..<3).map { _ in fixture.batch(fixture.stream(), .none) }, log, database, untilAnswered: true)
            let codes = results.map { if case .failure(let error) = $0 { error.code } else { nil as EventStoreError.Code? } }
            #expect(codes == [.unavailable, .unavailable, .unavailable])
        }
    }

    @Test func `callers are told when the database stays away, and served when it is back`() async throws {
        try await withEventLog({ $0.patience = .milliseconds(200) }) { log, database in
            let fixture = ConformanceFixture(store: log.store)
            try await fixture.append(fixture.batch(fixture.stream(), .none))
            try await setConnections(allowed: false, database)
            let error = await #expect(throws: EventStoreError.self) {
                while true { try await fixture.append(fixture.batch(fixture.stream(), .none)) }
            }
            #expect([.unavailable, .unknownOutcome].contains(error?.code))
            try await setConnections(allowed: true, database)
            var isServed = false
            while !isServed {
                do {
                    try await fixture.append(fixture.batch(fixture.stream(), .none))
                    isServed = true
                } catch let error as EventStoreError { #expect(error.code == .unavailable) }
            }
        }
    }
}
