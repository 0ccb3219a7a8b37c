import PostgresDriver
package import Vocabulary

/// One host call of an execution.
package struct ExecutionStepView: Hashable, Sendable {
    package let attempt: Int
    /// From 0, in the order in which the code made its calls.
    package let index: Int
    package let operation: String
    package let connector: String?
    package let action: String?
    package let connection: String?
    /// JSON text.
    package let input: [UInt8]
    /// JSON text; nil when the call failed or has not come back.
    package let output: [UInt8]?
    package let failure: JSONValue?
    package let startedAt: Timestamp?
    package let duration: Duration?

    static let selection = """
        select attempt, step, operation, connector, action, connection, input, output, error, started_at, duration_us
        from execution_steps where execution_id = $1 order by attempt, step
        """

    init(row: PostgresRow) throws {
        attempt = try row.int(0)
        index = try row.int(1)
        operation = try row.text(2)
        connector = try row.optionalText(3)
        action = try row.optionalText(4)
        connection = try row.optionalText(5)
        input = try row.bytes(6)
        output = try row.optionalBytes(7)
        failure = try row.optionalDocument(8)
        startedAt = try row.optionalTime(9)
        duration = try row.optionalInt8(10).map { .microseconds($0) }
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "index": .int(index), "attempt": .int(attempt), "operation": .string(operation), "connector": .optional(connector),
            "action": .optional(action), "connection": .optional(connection), "input": JSONValue(document: input),
            "output": output.map(JSONValue.init(document:)) ?? .null, "startedAt": startedAt.map(JSONValue.time) ?? .null,
            "durationMs": duration.map { .double(Double($0.microseconds) / 1000) } ?? .null,
        ]
        if let failure { object.append("error", failure) }
        return .object(object)
    }
}

/// A line that an execution wrote to its console.
package struct ExecutionLogView: Hashable, Sendable {
    package let level: String
    package let text: String
    package let at: Timestamp

    /// Lines that are shown with one execution; a chattier one is cut there.
    static let lineLimit = 10_000
    static let selection = "select level, text, at from execution_logs where execution_id = $1 order by pos, line limit \(lineLimit)"

    init(row: PostgresRow) throws {
        level = try row.text(0)
        text = try row.utf8(1)
        at = try row.time(2)
    }

    package var json: JSONValue { ["level": .string(level), "text": .string(text), "at": .time(at)] }
}
