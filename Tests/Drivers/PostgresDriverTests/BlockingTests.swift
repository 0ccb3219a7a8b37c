import DriverThreads
import PostgresDriver
import PostgresTestKit
import Testing

@Suite(.timeLimit(.minutes(2))) struct `A blocking connection` {
    /// Runs `body` with a connection on a thread of its own.
    private func withConnection<Value: Sendable>(_ body: @escaping @Sendable (BlockingPostgresConnection) throws -> Value) async throws -> Value {
        try await withTestDatabase { database in
            try await DedicatedThread.run(name: "test") { try body(BlockingPostgresConnection(configuration: database.configuration())) }
        }
    }

    @Test func `a statement is prepared once and answers rows`() async throws {
        try await withConnection { connection in
            for _ in 0..<2 { _ = try connection.execute("select unnest($1)", [.int4s([])]) }
            #expect(try connection.execute("select unnest($1)", [.int4s([1, 2])]).map { try $0.int4(0) } == [1, 2])
            #expect(try connection.execute("select count(*) from pg_prepared_statements where statement like 'select unnest%'")[0].int8(0) == 1)
        }
    }

    @Test func `a refused statement leaves the connection usable`() async throws {
        try await withConnection { connection in
            #expect(blockingFailure { try connection.execute("select 1 / 0") }?.sqlState == "22012")
            #expect(connection.isUsable)
        }
    }

    @Test func `a transaction that throws is undone`() async throws {
        struct Refusal: Error {}
        try await withConnection { connection in
            var isRefused = false
            do {
                try connection.withTransaction {
                    try connection.script("create table gone ()")
                    throw Refusal()
                }
            } catch is Refusal {
                isRefused = true
            }
            #expect(isRefused)
            try connection.withTransaction { try connection.script("create table kept ()") }
            #expect(try connection.execute("select to_regclass('gone') is null and to_regclass('kept') is not null")[0].bool(0))
        }
    }

    @Test func `a connection cut under it says so from then on`() async throws {
        try await withConnection { connection in
            let error = blockingFailure { try connection.execute("select pg_terminate_backend(pg_backend_pid())") }
            #expect(error?.code == .connectionLost(outcomeUnknown: true))
            #expect(!connection.isUsable)
            #expect(blockingFailure { try connection.execute("select 1") }?.code == .connectionLost(outcomeUnknown: false))
        }
    }

    @Test func `a call that hangs ends when another thread breaks its connection`() async throws {
        try await withConnection { connection in
            let breaker = try #require(connection.makeBreaker())
            try DedicatedThread.start(name: "test-breaker") { breaker.breakOff() }
            let error = blockingFailure { while true { _ = try connection.execute("select pg_sleep(60)") } }
            #expect(error?.code == .connectionLost(outcomeUnknown: true) || error?.code == .connectionLost(outcomeUnknown: false))
        }
    }

    @Test func `a wrong database is a failed connection whose description names no secret`() async throws {
        let configuration = PostgresConfiguration(connectionString: "postgresql://user:secret@127.0.0.1:1/nothing")
        let error = await failure {
            try await DedicatedThread.run(name: "test") { _ = try BlockingPostgresConnection(configuration: configuration) }
        }
        #expect(error?.code == .connectionFailed)
        #expect(error.map { "\($0)\(String(reflecting: $0))\(String(reflecting: configuration))".contains("secret") } == false)
    }
}
