import Synchronization

/// A transaction under way, valid inside the closure of `withTransaction`; one statement at a time.
package final class PostgresTransaction: Sendable {
    private enum Phase {
        /// Nothing was sent. Exits: begun, ended.
        case announced
        /// `begin` was sent, together with the first statements. Exits: ended.
        case begun
        /// The closure has returned. No exit.
        case ended
    }

    private let connection: PostgresConnection
    private let opening: [EncodedStatement]
    private let phase = Mutex(Phase.announced)

    init(on connection: PostgresConnection, settings: [String: String]) throws(PostgresError) {
        self.connection = connection
        opening = [try EncodedStatement("begin")] + (try EncodedStatement.localSettings(settings))
    }

    /// Runs one statement and answers its rows; the first one of a transaction carries `begin` and the settings in the same trip.
    ///
    /// After an error the transaction can only be left. `connectionLost` here means that nothing was committed.
    package func query(_ sql: String, _ parameters: [PostgresValue] = []) async throws(PostgresError) -> PostgresRows {
        let answers = try await send([try EncodedStatement(sql, parameters)])
        guard let rows = answers.last else { throw PostgresError(.invalidUse, reason: "the statement is empty") }
        return rows
    }

    /// Runs the statements in one trip and answers the rows of each.
    package func queries(_ statements: [PostgresStatement]) async throws(PostgresError) -> [PostgresRows] {
        guard !statements.isEmpty else { return [] }
        return try await send(try EncodedStatement.all(statements))
    }

    private func send(_ statements: [EncodedStatement]) async throws(PostgresError) -> [PostgresRows] {
        let before = try begin()
        let answers = try await connection.perform(.statements(before + statements), insideTransaction: true).get()
        return Array(answers.dropFirst(before.count))
    }

    private func begin() throws(PostgresError) -> [EncodedStatement] {
        try phase.withLock { phase throws(PostgresError) in
            switch phase {
            case .announced:
                phase = .begun
                return opening
            case .begun: return []
            case .ended: throw PostgresError(.invalidUse, reason: "the transaction has ended")
            }
        }
    }

    /// Makes it last. A lost connection means that it may have been committed.
    func commit() async throws(PostgresError) {
        guard end() else { return }
        let answers = try await connection.perform(.statements([try EncodedStatement("commit")]), isCancellable: false).get()
        guard answers.last?.isRollback != true else { throw PostgresError.commitOfFailedTransaction }
    }

    /// Undoes it. If that fails the connection is not reusable, and the server undoes it on its own when it is closed.
    func rollBack() async throws(PostgresError) {
        guard end(), connection.hasOpenTransaction else { return }
        _ = try await connection.perform(.statements([try EncodedStatement("rollback")]), insideTransaction: true, isCancellable: false).get()
    }

    /// Whether anything was sent.
    private func end() -> Bool {
        phase.withLock { phase in
            defer { phase = .ended }
            return phase == .begun
        }
    }
}

extension PostgresPool {
    /// Runs `body` in one transaction: committed when it returns, rolled back when it throws, in which case its own error is thrown.
    ///
    /// `settings` hold until the end of the transaction (`set_config(…, true)`). Cost: one trip for each call in `body`, one for the commit.
    /// A transaction of a failed statement that `body` ignored throws SQLSTATE 25P02; a connection lost at the commit leaves the outcome unknown.
    package func withTransaction<Value: Sendable>(
        settings: [String: String] = [:], _ body: (PostgresTransaction) async throws -> Value
    ) async throws -> Value {
        let connection = try await lease()
        defer { release(connection) }
        let transaction = try PostgresTransaction(on: connection, settings: settings)
        let value: Value
        do {
            value = try await body(transaction)
        } catch {
            let reason = error
            // The body's error says more; a connection whose rollback failed is closed, which rolls back as well.
            do { try await transaction.rollBack() } catch { connection.close() }
            throw reason
        }
        try await transaction.commit()
        return value
    }
}
