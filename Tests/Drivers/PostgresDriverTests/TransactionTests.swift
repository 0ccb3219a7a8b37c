import PostgresDriver
import PostgresTestKit
import Testing

@Suite(.timeLimit(.minutes(2))) struct `Transactions of a pool` {
    struct Refusal: Error {}

    static let schema = "create table person (id int4 primary key)"
    static let insert = "insert into person values ($1)"
    static let tenant = "select coalesce(current_setting('app.tenant', true), '')"

    private func count(_ pool: PostgresPool) async throws -> Int64 {
        try await pool.query("select count(*) from person")[0].int8(0)
    }

    @Test func `what a closure did is committed when it returns`() async throws {
        try await withTestPool(schema: Self.schema) { pool in
            let answer = try await pool.withTransaction { transaction in
                _ = try await transaction.query(Self.insert, [.int4(1)])
                #expect(try await count(pool) == 0)
                return 5
            }
            #expect(answer == 5)
            #expect(try await count(pool) == 1)
        }
    }

    @Test func `what a closure did is undone when it throws`() async throws {
        try await withTestPool(schema: Self.schema) { pool in
            await #expect(throws: Refusal.self) {
                try await pool.withTransaction { transaction in
                    _ = try await transaction.query(Self.insert, [.int4(1)])
                    throw Refusal()
                }
            }
            try await #expect(count(pool) == 0)
        }
    }

    @Test func `settings are gone from the reused connection after commit and rollback`() async throws {
        try await withTestPool(connectionLimit: 1) { pool in
            let before = try await backend(of: pool)
            try await pool.withTransaction(settings: ["app.tenant": "one", "app.actor": "two"]) { transaction in
                try await #expect(transaction.query(Self.tenant)[0].text(0) == "one")
                try await #expect(transaction.query(Self.tenant)[0].text(0) == "one")
            }
            #expect(try await pool.query(Self.tenant)[0].text(0) == "")
            await #expect(throws: Refusal.self) {
                try await pool.withTransaction(settings: ["app.tenant": "three"]) { transaction in
                    _ = try await transaction.query(Self.tenant)
                    throw Refusal()
                }
            }
            #expect(try await pool.query(Self.tenant)[0].text(0) == "")
            #expect(try await backend(of: pool) == before)
        }
    }

    @Test func `several statements of a transaction go in one trip`() async throws {
        try await withTestPool(schema: Self.schema) { pool in
            try await pool.withTransaction(settings: ["app.tenant": "one"]) { transaction in
                let answers = try await transaction.queries([PostgresStatement(Self.insert, [.int4(1)]), PostgresStatement(Self.tenant)])
                #expect(answers.count == 2)
                #expect(try answers[1][0].text(0) == "one")
            }
            #expect(try await count(pool) == 1)
        }
    }

    @Test func `a failed statement that a closure ignores is not reported as committed`() async throws {
        try await withTestPool(schema: Self.schema) { pool in
            let error = await failure {
                try await pool.withTransaction { transaction in
                    _ = try await transaction.query(Self.insert, [.int4(1)])
                    #expect(await failure { try await transaction.query(Self.insert, [.int4(1)]) }?.sqlState == "23505")
                }
            }
            #expect(error?.sqlState == "25P02")
            try await #expect(count(pool) == 0)
        }
    }

    @Test func `a transaction is of no use after its closure`() async throws {
        try await withTestPool { pool in
            let escaped = try await pool.withTransaction { $0 }
            let error = await failure { try await escaped.query("select 1") }
            #expect(error?.code == .invalidUse)
        }
    }

    @Test func `a second statement beside a running one is refused`() async throws {
        try await withTestPool { pool in
            try await withHeldLock(of: pool) {
                let ending = await failure {
                    try await pool.withTransaction { transaction in
                        try await withThrowingTaskGroup(of: PostgresError?.self) { group in
                            group.addTask { await failure { try await transaction.query(lockStatement) } }
                            try await eventually { try await blockedStatements(through: pool) == 1 }
                            #expect(await failure { try await transaction.query("select 1") }?.code == .invalidUse)
                            group.cancelAll()
                            for try await error in group { #expect(error?.code == .cancelled) }
                        }
                    }
                }
                #expect(ending?.sqlState == "25P02")
            }
        }
    }

    @Test func `a connection cut under a statement of a transaction has committed nothing and says so`() async throws {
        try await withTestPool { pool in
            let error = await failure {
                try await pool.withTransaction { transaction in
                    _ = try await transaction.query("select pg_terminate_backend(pg_backend_pid())")
                }
            }
            #expect(error?.code == .connectionLost(outcomeUnknown: false))
        }
    }

    @Test func `a transaction whose connection is cut has committed nothing and says so`() async throws {
        try await withTestPool(schema: Self.schema) { pool in
            let error = await failure {
                try await pool.withTransaction { transaction in
                    _ = try await transaction.query(Self.insert, [.int4(1)])
                    try await terminate(transaction.query("select pg_backend_pid()")[0].int4(0), through: pool)
                    _ = try await transaction.query("select 1")
                }
            }
            #expect(error?.code == .connectionLost(outcomeUnknown: false))
            try await #expect(count(pool) == 0)
        }
    }
}
