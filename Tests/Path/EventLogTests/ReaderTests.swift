import DriverThreads
import EventLog
import EventSourcing
import EventStoreConformance
import PostgresDriver
import PostgresTestKit
import Testing
import Vocabulary

@Suite struct `Reading beside writers` {
    @Test func `an append that is not committed is not passed, because nobody commits behind it in its slice`() async throws {
        try await withEventLog { log, database in
            let fixture = ConformanceFixture(store: log.store)
            let first = fixture.stream()
            try await fixture.append(fixture.batch(first, .none))
            try await HeldAppends.with(database) { held in
                let batch = held.batch(fixture, first, .exactly(StreamVersion(1)), count: 3)
                async let receipt = fixture.append(batch)
                try await held.whenHeld()
                let later = await #expect(throws: PostgresError.self) {
                    try await administrate(database) { connection in
                        _ = try connection.execute("select from slice_head where slice = $1 for no key update nowait", [.int2(first.slice.number)])
                    }
                }
                #expect(later?.sqlState == "55P03")
                #expect(try await positions(of: first.slice, log) == [1])
                #expect(try await log.store.heads()[first.slice] == 1)
                held.letGo()
                #expect(try await receipt.first.position == 2)
            }
            #expect(try await positions(of: first.slice, log) == [1, 2, 3, 4])
        }
    }

    @Test func `an append that the database rolls back leaves no hole`() async throws {
        try await withEventLog { log, database in
            let fixture = ConformanceFixture(store: log.store)
            let stream = fixture.stream()
            try await fixture.append(fixture.batch(stream, .none))
            try await administrate(database) { connection in
                try connection.script(
                    """
                    create function refuse() returns trigger language plpgsql as $$ begin raise exception 'refused' using errcode = '22000'; end $$;
                    create trigger refuse after insert on jobs for each row when (new.lane = 4) execute function refuse();
                    """)
            }
            for _ in 0..<3 {
                var batch = fixture.batch(stream, .any, count: 5)
                batch.work = .asks(.run, .p4, due: nil)
                let refused = batch
                let error = await #expect(throws: EventStoreError.self) { _ = try await log.store.append(refused) }
                guard case .invalid? = error?.code else {
                    Issue.record("\(String(describing: error))")
                    return
                }
                try await fixture.append(fixture.batch(stream, .any))
            }
            #expect(try await positions(of: stream.slice, log) == [1, 2, 3, 4])
        }
    }

    @Test func `transactions that stay open, in this database and in another, hide nothing from readers`() async throws {
        try await withEventLog { log, database in
            let fixture = ConformanceFixture(store: log.store)
            let stream = fixture.stream()
            try await withOpenTransaction(database.configuration()) {
                try await withOpenTransaction(database.configuration(of: "postgres")) {
                    try await fixture.append(fixture.batch(stream, .none, count: 5))
                    #expect(try await positions(of: stream.slice, log) == [1, 2, 3, 4, 5])
                    #expect(try await log.store.heads()[stream.slice] == 5)
                }
            }
        }
    }

    @Test func `readers with pages of any size see every event once and in order, while sixteen writers append`() async throws {
        try await withEventLog { log, _ in
            let fixture = ConformanceFixture(store: log.store)
            let tenant: TenantID = fixture.ids.next()
            let isOver = Gate()
            let counts = try await withThrowingTaskGroup(of: Int64?.self) { group in
                for limit in [1, 2, 3, 7, 100] {
                    group.addTask { try await follow(Slice(of: tenant), in: log, limit: limit, until: isOver) }
                }
                group.addTask {
                    defer { isOver.open() }
                    _ = try await atOnce(16) {
                        for _ in 0..<20 { try await fixture.append(fixture.batch(fixture.stream(of: tenant), .none, count: .random(in: 1...5))) }
                    }
                    return nil
                }
                return try await group.reduce(into: []) { $0 += [$1].compactMap(\.self) }
            }
            let head = try #require(try await log.store.heads()[Slice(of: tenant)])
            #expect(head >= 320 && counts == Array(repeating: head, count: 5))
        }
    }

    /// Reads a slice from its beginning until nothing follows once `isOver` is open; answers how far it came.
    private func follow(_ slice: Slice, in log: EventLog, limit: Int, until isOver: Gate) async throws -> Int64 {
        var end: Int64 = 0
        while true {
            let isLast = isOver.hasOpened
            let page = try await log.store.read(slice, after: end, limit: limit).map(\.position.position)
            #expect(page == page.indices.map { end + 1 + Int64($0) })
            end += Int64(page.count)
            if page.isEmpty && isLast { return end }
        }
    }

    private func positions(of slice: Slice, _ log: EventLog) async throws -> [Int64] {
        try await log.store.read(slice, after: 0, limit: 100).map(\.position.position)
    }
}

/// Runs `body` while a transaction that has written something is open.
private func withOpenTransaction(_ configuration: PostgresConfiguration, _ body: () async throws -> Void) async throws {
    let (isOpen, mayEnd) = (Gate(), Gate())
    async let holder: Void = DedicatedThread.run(name: "test-open") { () throws in
        try BlockingPostgresConnection(configuration: configuration).holdTransaction(isOpen, mayEnd)
    }
    await isOpen.whenOpen()
    defer { mayEnd.open() }
    try await body()
    mayEnd.open()
    try await holder
}

extension BlockingPostgresConnection {
    fileprivate func holdTransaction(_ isOpen: Gate, _ mayEnd: Gate) throws {
        try withTransaction {
            _ = try execute("create temporary table written as select pg_current_xact_id() as id")
            isOpen.open()
            mayEnd.waitUntilOpen()
        }
    }
}
