import PostgresDriver

/// Waits until the condition holds; a condition that never does is ended by the suite's time limit.
func eventually(_ condition: () async throws -> Bool) async throws {
    while try await !condition() { await Task.yield() }
}

/// The process of the server that serves the connection this query got.
func backend(of pool: PostgresPool) async throws -> Int32 {
    try await pool.query("select pg_backend_pid()")[0].int4(0)
}

/// Ends a connection from the server's side and returns when it is gone.
func terminate(_ backend: Int32, through admin: PostgresPool) async throws {
    _ = try await admin.query("select pg_terminate_backend($1)", [.int4(backend)])
    try await eventually { try await admin.query("select from pg_stat_activity where pid = $1", [.int4(backend)]).isEmpty }
}

/// How many statements of this database wait for a lock.
func blockedStatements(through admin: PostgresPool) async throws -> Int64 {
    try await admin.query("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")[0].int8(0)
}

/// Runs `body` while every other `lockStatement` of this database waits.
func withHeldLock<Value: Sendable>(of pool: PostgresPool, _ body: () async throws -> Value) async throws -> Value {
    try await pool.withTransaction { transaction in
        _ = try await transaction.query(lockStatement)
        return try await body()
    }
}

/// Waits for the lock and gives it back at the end of its transaction.
let lockStatement = "select pg_advisory_xact_lock(1)"

/// The error that `body` throws, nil if it throws none or another.
func failure<Value>(of body: () async throws -> Value) async -> PostgresError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? PostgresError
    }
}

/// The error that a blocking `body` throws, nil if it throws none or another.
func blockingFailure<Value>(of body: () throws -> Value) -> PostgresError? {
    do {
        _ = try body()
        return nil
    } catch {
        return error as? PostgresError
    }
}
