/// One connection whose calls block until the server has answered: for a `DedicatedThread` that does nothing else, never for a task.
///
/// Not `Sendable`: make it on the thread that uses it. After `connectionLost` every call fails with it.
package final class BlockingPostgresConnection {
    private var handle: ConnectionHandle?
    private var statements = StatementCache()

    /// Connects; throws `.connectionFailed`. Blocks up to the connect timeout for each address of the server.
    package init(configuration: PostgresConfiguration) throws(PostgresError) {
        handle = try ConnectionHandle.open(configuration)
    }

    /// Whether the connection stood when it was last used.
    package var isUsable: Bool { handle?.isBad == false }

    /// Runs one statement, prepared at its first use, and returns when the server is ready again: what it committed is committed.
    ///
    /// Outside a transaction of the caller's, `connectionLost(outcomeUnknown: true)` means what it says: look, on a new connection.
    package func execute(_ sql: String, _ parameters: [PostgresValue] = []) throws(PostgresError) -> PostgresRows {
        let (handle, statement) = (try openHandle(), try EncodedStatement(sql, parameters))
        let name = try preparedName(of: statement, on: handle)
        do {
            return try handle.execute(statement, name: name)
        } catch {
            if error.invalidatesPreparedStatement { statements.forget(statement.key) }
            throw error
        }
    }

    /// Runs many statements in one message, without parameters; they are one transaction unless the text says otherwise.
    package func script(_ sql: String) throws(PostgresError) {
        guard !sql.containsNUL else { throw PostgresError(.invalidUse, reason: "the script holds a NUL character") }
        try openHandle().executeScript(sql)
    }

    /// Runs `body` between `begin` and `commit`, or `rollback` if it throws; if even that fails the connection is closed.
    package func withTransaction<Value>(_ body: () throws -> Value) throws -> Value {
        _ = try execute("begin")
        let value: Value
        do {
            value = try body()
        } catch {
            let reason = error
            // The body's error says more than that of a rollback; the server rolls back what it loses the connection of.
            do { try script("rollback") } catch { close() }
            throw reason
        }
        guard try !execute("commit").isRollback else { throw PostgresError.commitOfFailedTransaction }
        return value
    }

    /// What can end a call of this connection that hangs; to be let go with the connection. Nil when there is none, or no descriptor is left.
    package func makeBreaker() -> ConnectionBreaker? { handle.flatMap { ConnectionBreaker(socket: $0.socket) } }

    /// Drops the connection; every later call fails.
    package func close() {
        handle = nil
        statements = StatementCache()
    }

    private func openHandle() throws(PostgresError) -> ConnectionHandle {
        guard let handle, !handle.isBad else { throw PostgresError(.connectionLost(outcomeUnknown: false), reason: "it was lost before") }
        return handle
    }

    private func preparedName(of statement: EncodedStatement, on handle: ConnectionHandle) throws(PostgresError) -> String {
        let use = statements.use(statement.key)
        guard use.isNew else { return use.name }
        do {
            if let evicted = use.evicted { try handle.executeScript("deallocate \(evicted)") }
            try handle.prepare(statement, name: use.name)
        } catch {
            statements.forget(statement.key)
            // Nothing but the preparation was sent, so nothing can have been committed.
            guard case .connectionLost = error.code else { throw error }
            throw error.recoded(.connectionLost(outcomeUnknown: false))
        }
        return use.name
    }
}

extension PostgresError {
    /// A `commit` that the server answered with `rollback`, which is no error to it. SQLSTATE 25P02 is "in failed SQL transaction".
    static let commitOfFailedTransaction = PostgresError(
        .server(sqlState: "25P02", constraint: nil), reason: "a statement of the transaction had failed, so nothing was committed")

    /// Whether a prepared statement is of no more use: its tables have changed (0A000) or somebody deallocated it (26000).
    var invalidatesPreparedStatement: Bool {
        sqlState == "0A000" || sqlState == "26000"
    }
}
