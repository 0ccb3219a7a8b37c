import PostgresDriver
import PostgresTestKit
import Testing

@Suite(.timeLimit(.minutes(2))) struct `Connections of a pool` {
    @Test func `many callers share few connections and all are answered`() async throws {
        try await withTestPool(connectionLimit: 4) { pool in
            let answers = try await withThrowingTaskGroup(of: Int32.self) { group in
                for number in 0..<200 { group.addTask { try await pool.query("select $1", [.int4(Int32(number))])[0].int4(0) } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(answers == Set(0..<200))
            #expect(pool.status.open <= 4)
            #expect(pool.status.idle == pool.status.open)
        }
    }

    @Test func `two blocked statements stop neither tasks nor other statements`() async throws {
        try await withTestPool { pool in
            try await withThrowingTaskGroup(of: Void.self) { group in
                try await withHeldLock(of: pool) {
                    for _ in 0..<2 { group.addTask { _ = try await pool.query(lockStatement) } }
                    // Two cores run two tasks: if a statement held one, nobody would be left to ask this.
                    try await eventually { try await blockedStatements(through: pool) == 2 }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `a connection that the server ended while idle is replaced unnoticed`() async throws {
        try await withTestDatabase { database in
            let (pool, admin) = (database.pool(connectionLimit: 1), database.pool())
            try await withRunning(pool) {
                try await withRunning(admin) {
                    let before = try await backend(of: pool)
                    try await terminate(before, through: admin)
                    #expect(try await backend(of: pool) != before)
                    #expect(pool.status.open == 1)
                }
            }
        }
    }

    @Test func `an idle connection that broke is noticed before anybody asks for it`() async throws {
        try await withTestDatabase { database in
            let (pool, admin) = (database.pool(), database.pool())
            try await withRunning(pool) {
                try await withRunning(admin) {
                    try await terminate(backend(of: pool), through: admin)
                    try await eventually { pool.status.open == 0 }
                }
            }
        }
    }

    @Test func `a connection cut under a statement leaves its outcome unknown and is replaced`() async throws {
        try await withTestPool { pool in
            try await withHeldLock(of: pool) {
                async let error = failure { try await pool.query(lockStatement) }
                try await eventually { try await blockedStatements(through: pool) == 1 }
                _ = try await pool.query(
                    "select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()")
                #expect(await error?.code == .connectionLost(outcomeUnknown: true))
            }
            #expect(try await pool.query("select 1").count == 1)
        }
    }

    @Test func `a connection left inside a transaction is not given to the next caller`() async throws {
        try await withTestPool(connectionLimit: 1) { pool in
            let before = try await backend(of: pool)
            _ = try await pool.query("begin")
            #expect(try await backend(of: pool) != before)
        }
    }
}

@Suite(.timeLimit(.minutes(2))) struct `Waiting for a connection` {
    /// Runs `body` while the only connection of a pool is taken.
    private func withBusyPool(
        waiterLimit: Int = 1, leaseTimeout: Duration = .seconds(60), _ body: (PostgresPool) async throws -> Void
    ) async throws {
        try await withTestDatabase { database in
            let pool = database.pool(connectionLimit: 1, waiterLimit: waiterLimit, leaseTimeout: leaseTimeout)
            try await withRunning(pool) {
                // A short lease timeout may be over before the first connection stands.
                try await eventually { await failure { try await pool.query("select 1") } == nil }
                try await pool.withTransaction { _ in try await body(pool) }
            }
        }
    }

    @Test func `a caller beyond the bound is refused at once`() async throws {
        try await withBusyPool(waiterLimit: 1) { pool in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { #expect(await failure { try await pool.query("select 1") }?.code == .cancelled) }
                await #expect(throws: Never.self) { try await eventually { pool.status.waiting == 1 } }
                let error = await failure { try await pool.query("select 1") }
                #expect(error?.code == .tooManyWaiters)
                group.cancelAll()
            }
        }
    }

    @Test func `a caller is served in the order of coming`() async throws {
        try await withTestPool(connectionLimit: 1) { pool in
            try await pool.script("create table served (place int4 generated always as identity, caller int4)")
            try await withThrowingTaskGroup(of: Void.self) { group in
                try await pool.withTransaction { _ in
                    for caller in 0..<10 {
                        group.addTask { _ = try await pool.query("insert into served (caller) values ($1)", [.int4(Int32(caller))]) }
                        try await eventually { pool.status.waiting == caller + 1 }
                    }
                }
                try await group.waitForAll()
            }
            let callers = try await pool.query("select caller from served order by place").map { try $0.int4(0) }
            #expect(callers == Array(0..<10))
        }
    }

    @Test func `a caller gives up when its time is over`() async throws {
        try await withBusyPool(leaseTimeout: .milliseconds(1)) { pool in
            let error = await failure { try await pool.query("select 1") }
            #expect(error?.code == .timedOut)
            #expect(pool.status.waiting == 0)
        }
    }

    @Test func `a cancelled caller leaves the queue`() async throws {
        try await withBusyPool { pool in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let error = await failure { try await pool.query("select 1") }
                    #expect(error?.code == .cancelled)
                }
                try await eventually { pool.status.waiting == 1 }
                group.cancelAll()
                try await group.waitForAll()
                #expect(pool.status.waiting == 0)
            }
        }
    }

    @Test func `a server that cannot be reached is told apart from a busy one`() async throws {
        let nowhere = PostgresConfiguration(connectionString: "postgresql:///nothing?host=/nonexistent&user=nobody")
        let pool = PostgresPool(configuration: nowhere, leaseTimeout: .milliseconds(1))
        try await withRunning(pool) {
            let error = await failure { try await pool.query("select 1") }
            #expect(error?.code == .connectionFailed)
            #expect(error?.description.contains("nonexistent") == false)
        }
    }
}

@Suite(.timeLimit(.minutes(2))) struct `Cancelling a statement` {
    @Test func `the server ends the statement of a cancelled task and the connection lives on`() async throws {
        try await withTestPool { pool in
            try await withHeldLock(of: pool) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        let error = await failure { try await pool.query(lockStatement) }
                        #expect(error?.code == .cancelled)
                    }
                    try await eventually { try await blockedStatements(through: pool) == 1 }
                    let open = pool.status.open
                    group.cancelAll()
                    try await group.waitForAll()
                    #expect(try await blockedStatements(through: pool) == 0)
                    #expect(pool.status.open == open)
                }
            }
        }
    }

    @Test func `a transaction of a cancelled task is rolled back and its connection reused`() async throws {
        try await withTestPool(schema: "create table person (id int4)", connectionLimit: 2) { pool in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let error = await failure {
                        try await pool.withTransaction { transaction in
                            _ = try await transaction.query("insert into person values (1)")
                            withUnsafeCurrentTask { $0?.cancel() }
                            _ = try await transaction.query("select 1")
                        }
                    }
                    #expect(error?.code == .cancelled)
                }
                try await group.waitForAll()
            }
            #expect(try await pool.query("select from person").isEmpty)
            #expect(pool.status.open == 1)
        }
    }

    @Test func `cancelling at any moment neither hangs nor hits a stranger`() async throws {
        try await withTestPool(connectionLimit: 2) { pool in
            for round in 0..<100 {
                await withTaskGroup(of: PostgresError?.self) { group in
                    group.addTask { await failure { try await pool.query("select pg_sleep(0.002)") } }
                    for _ in 0..<round { await Task.yield() }
                    group.cancelAll()
                    for await error in group { #expect(error == nil || error?.code == .cancelled) }
                }
                try await #expect(pool.query("select 1").count == 1)
            }
        }
    }
}

@Suite(.timeLimit(.minutes(2))) struct `The end of a pool` {
    @Test func `a statement that runs is answered before the pool closes`() async throws {
        try await withTestDatabase { database in
            let (pool, other) = (database.pool(), database.pool())
            try await withRunning(other) {
                try await withThrowingTaskGroup(of: Void.self) { callers in
                    try await withThrowingTaskGroup(of: Void.self) { service in
                        service.addTask { try await pool.run() }
                        try await withHeldLock(of: other) {
                            callers.addTask { try await #expect(pool.query(lockStatement).count == 1) }
                            try await eventually { try await blockedStatements(through: other) == 1 }
                            service.cancelAll()
                        }
                        try await service.waitForAll()
                    }
                    try await callers.waitForAll()
                }
                // The server takes a moment to see that a connection was closed.
                let sessions = "select from pg_stat_activity where datname = current_database()"
                try await eventually { try await other.query(sessions).count == other.status.open }
            }
        }
    }

    @Test func `a statement that outlasts the drain timeout is cut and its outcome unknown`() async throws {
        try await withTestDatabase { database in
            let (pool, other) = (database.pool(drainTimeout: .zero), database.pool())
            try await withRunning(other) {
                try await withHeldLock(of: other) {
                    try await withThrowingTaskGroup(of: PostgresError?.self) { callers in
                        try await withRunning(pool) {
                            callers.addTask { await failure { try await pool.query(lockStatement) } }
                            try await eventually { try await blockedStatements(through: other) == 1 }
                        }
                        for try await error in callers { #expect(error?.code == .connectionLost(outcomeUnknown: true)) }
                    }
                }
            }
        }
    }

    @Test func `a closed pool refuses callers`() async throws {
        try await withTestDatabase { database in
            let pool = database.pool()
            try await withRunning(pool) { _ = try await pool.query("select 1") }
            let error = await failure { try await pool.query("select 1") }
            #expect(error?.code == .poolClosed)
        }
    }
}
