/// Single statements, small batches and scripts.
extension PostgresPool {
    /// Runs one statement in a transaction of its own and answers its rows once it is committed.
    ///
    /// It is prepared at its first use on each connection. `settings` hold for this statement alone (`set_config(…, true)`), in the same trip.
    /// Cost: one trip to the server, 75 µs and up. A statement that could not be sent is tried once more on another connection.
    package func query(
        _ sql: String, _ parameters: [PostgresValue] = [], settings: [String: String] = [:]
    ) async throws(PostgresError) -> PostgresRows {
        let statement = try EncodedStatement(sql, parameters)
        let answers = try await send(.statements(try EncodedStatement.localSettings(settings) + [statement]))
        guard let rows = answers.last else { throw PostgresError(.invalidUse, reason: "the statement is empty") }
        return rows
    }

    /// Runs the statements in one trip and one transaction: all are committed or none; answers the rows of each.
    package func queries(_ statements: [PostgresStatement], settings: [String: String] = [:]) async throws(PostgresError) -> [PostgresRows] {
        guard !statements.isEmpty else { return [] }
        let before = try EncodedStatement.localSettings(settings)
        let answers = try await send(.statements(before + EncodedStatement.all(statements)))
        return Array(answers.dropFirst(before.count))
    }

    /// Runs a text of many statements without parameters, such as a migration; it is one transaction unless it says otherwise.
    package func script(_ sql: String) async throws(PostgresError) {
        guard !sql.containsNUL else { throw PostgresError(.invalidUse, reason: "the script holds a NUL character") }
        _ = try await send(.script(sql))
    }

    private func send(_ work: PostgresConnection.Work) async throws(PostgresError) -> [PostgresRows] {
        let outcome = try await sendOnce(work)
        // Nothing was sent: the connection broke between the moment it was given out and now.
        if case .failure(let error) = outcome, error.code == .connectionLost(outcomeUnknown: false) {
            return try await sendOnce(work).get()
        }
        return try outcome.get()
    }

    private func sendOnce(_ work: PostgresConnection.Work) async throws(PostgresError) -> PipelineOperation.Outcome {
        let connection = try await lease()
        defer { release(connection) }
        return await connection.perform(work)
    }
}

extension EncodedStatement {
    static func all(_ statements: [PostgresStatement]) throws(PostgresError) -> [EncodedStatement] {
        var encoded: [EncodedStatement] = []
        encoded.reserveCapacity(statements.count)
        for statement in statements { encoded.append(try EncodedStatement(statement)) }
        return encoded
    }
}
