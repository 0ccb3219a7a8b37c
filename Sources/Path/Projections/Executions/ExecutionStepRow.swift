import Domain
import PostgresDriver
import Vocabulary

/// One host call of an execution, made or about to be.
struct ExecutionStepRow {
    private let execution: RunID
    /// Nil when the attempt began in an earlier batch: the execution's row has its number.
    private let attempt: Int?
    private let call: RunCall
    private let result: CallResult?
    private let position: LogPosition

    init(_ execution: RunID, _ attempt: Int?, _ call: RunCall, _ result: CallResult?, _ position: LogPosition) {
        self.execution = execution
        self.attempt = attempt
        self.call = call
        self.result = result
        self.position = position
    }

    /// JSON text of what the call came to. A secret is shown by its name; the value is nowhere in the log.
    private var output: [UInt8]? {
        switch result?.outcome {
        case .value(let bytes): bytes
        case .secret(let name, _): JSONValue.object(["secret": .string(name)]).encoded
        case .error, nil: nil
        }
    }

    private var failure: [UInt8]? { if case .error(let failure) = result?.outcome { failure.json.encoded } else { nil } }

    /// Of two reports on one call the later one counts, within the batch and against the table.
    static func upsert(_ rows: [ExecutionStepRow]) -> PostgresStatement {
        PostgresStatement(
            """
            insert into execution_steps (execution_id, attempt, step, tenant_id, space_id, operation, connector, action, connection, input, output,
                error, started_at, duration_us, slice, pos)
            select distinct on (1, 2, 3) s.execution_id, coalesce(s.attempt, e.attempts), s.step, e.tenant_id, e.space_id, s.operation, s.connector,
                s.action, s.connection, s.input, s.output, s.error, s.started_at, s.duration_us, s.slice, s.pos
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) as s(execution_id, attempt, step, operation, connector, action,
                connection, input, output, error, started_at, duration_us, slice, pos)
            join executions e on e.execution_id = s.execution_id
            order by 1, 2, 3, s.pos desc
            on conflict (execution_id, attempt, step) do update set input = excluded.input, output = excluded.output, error = excluded.error,
                started_at = excluded.started_at, duration_us = excluded.duration_us, slice = excluded.slice, pos = excluded.pos
            """,
            [
                .ids(rows.map(\.execution)), .optionalInt4s(rows.map { $0.attempt.map { Int32(clamping: $0) } }), .ints(rows.map(\.call.index)),
                .safeTexts(rows.map(\.call.operation)), .safeTexts(rows.map(\.call.connector)), .safeTexts(rows.map(\.call.action)),
                .safeTexts(rows.map(\.call.connection)), .bytesList(rows.map { Array($0.call.input.utf8) }), .optionalBytesList(rows.map(\.output)),
                .optionalBytesList(rows.map(\.failure)), .times(rows.map { $0.result?.startedAt }),
                .optionalInt8s(rows.map { $0.result?.duration.microseconds }), .slices(rows.map(\.position)), .positions(rows.map(\.position)),
            ])
    }
}

/// A line that an execution wrote to its console.
struct ExecutionLogRow {
    private let execution: RunID
    /// Place among the lines of one event.
    private let index: Int
    private let line: LogLine
    private let position: LogPosition

    init(_ execution: RunID, index: Int, _ line: LogLine, _ position: LogPosition) {
        self.execution = execution
        self.index = index
        self.line = line
        self.position = position
    }

    static func insert(_ rows: [ExecutionLogRow]) -> PostgresStatement {
        PostgresStatement(
            """
            insert into execution_logs (execution_id, pos, line, tenant_id, space_id, level, text, at, slice)
            select l.execution_id, l.pos, l.line, e.tenant_id, e.space_id, l.level, l.text, l.at, l.slice
            from unnest($1, $2, $3, $4, $5, $6, $7) as l(execution_id, pos, line, level, text, at, slice)
            join executions e on e.execution_id = l.execution_id
            """,
            [
                .ids(rows.map(\.execution)), .positions(rows.map(\.position)), .ints(rows.map(\.index)), .safeTexts(rows.map(\.line.level)),
                .bytesList(rows.map { Array($0.line.text.utf8) }), .times(rows.map(\.line.at)), .slices(rows.map(\.position)),
            ])
    }
}
