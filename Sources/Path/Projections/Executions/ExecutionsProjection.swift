import Domain
import EventSourcing
import PostgresDriver
import Vocabulary

/// Keeps executions with their steps and console lines: four statements for a batch, however many executions it touches,
/// and three for each erasure.
struct ExecutionsProjection: Projection {
    let name = ProjectionName.executions
    let categories: Set<Category>? = [RunDecider.category, ErasureDecider.category]
    let version: Int32 = 1

    private static let types: Set<String> = [
        "run.requested", "run.started", "run.call.scheduled", "run.call.completed", "run.logged", "run.retry.scheduled", "run.cancel.requested",
        "run.completed", "run.failed", "run.timed_out", "run.cancelled", "run.parked",
    ]

    func statements(for events: [RecordedEvent], read: RowReader) async throws -> [PostgresStatement] {
        var changes: [RunID: ExecutionChange] = [:]
        var steps: [ExecutionStepRow] = []
        var lines: [ExecutionLogRow] = []
        for event in events where Self.types.contains(event.form.type) {
            let happened = try RunEvent.restore(event.form)
            let execution: RunID = event.address.stream.recast()
            changes[execution, default: ExecutionChange(of: event)].apply(happened, event)
            switch happened {
            case .callScheduled(let call): steps.append(ExecutionStepRow(execution, changes[execution]?.attempt, call, nil, event.position))
            case .callCompleted(let call, let result):
                steps.append(ExecutionStepRow(execution, changes[execution]?.attempt, call, result, event.position))
            case .logged(let new): lines += new.enumerated().map { ExecutionLogRow(execution, index: $0, $1, event.position) }
            case .requested, .started, .retryScheduled, .cancelRequested, .completed, .failed, .timedOut, .cancelled, .parked: break
            }
        }
        let asked = changes.values.filter { $0.request != nil }
        let others = changes.values.filter { $0.request == nil }
        // A step whose attempt began in an earlier batch takes its number from the row, so the rows change after the steps are written.
        return try [
            asked.isEmpty ? nil : Self.insert(asked), steps.isEmpty ? nil : ExecutionStepRow.upsert(steps),
            lines.isEmpty ? nil : ExecutionLogRow.insert(lines), others.isEmpty ? nil : Self.update(others),
        ].compactMap { $0 } + Erasing.all(in: events).flatMap(\.ofExecutions)
    }

    private static func insert(_ changes: [ExecutionChange]) -> PostgresStatement {
        let requests = changes.compactMap(\.request)
        let what = requests.map(\.what)
        return PostgresStatement(
            """
            insert into executions (execution_id, tenant_id, status, attempts, is_cancel_requested, waiting_reason, waiting_since, started_at,
                ended_at, error, output, slice, pos, space_id, environment, workflow_id, slug, version, tier, event_id, trigger_id,
                triggered_by, requested_at, data_key)
            select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)
            """,
            [
                .ids(changes.map(\.execution)), .ids(changes.map(\.tenant)), .texts(changes.map { ($0.status ?? .pending).rawValue }),
                .ints(changes.map { $0.attempt ?? 0 }), .bools(changes.map(\.isCancelRequested)),
                .safeTexts(changes.map { $0.waiting.value?.reason }), .times(changes.map { $0.waiting.value?.since }),
                .times(changes.map(\.startedAt)), .times(changes.map(\.endedAt)),
                .optionalBytesList(changes.map { $0.failure.value?.json.encoded }), .optionalBytesList(changes.map(\.output)),
                .slices(changes.map(\.position)), .positions(changes.map(\.position)),
                .ids(what.map(\.space)), .safeTexts(what.map(\.environment.name)), .ids(what.map(\.workflow)), .safeTexts(what.map(\.slug)),
                .ints(what.map(\.version)), .texts(what.map(\.tier.rawValue)), .ids(what.map(\.event)), .ids(what.map(\.trigger)),
                .safeTexts(what.map(\.triggeredBy)), .times(requests.map(\.at)), .ids(what.map(\.dataKey)),
            ])
    }

    private static func update(_ changes: [ExecutionChange]) -> PostgresStatement {
        PostgresStatement(
            """
            update executions e set
                status = coalesce(c.status, e.status), attempts = coalesce(c.attempt, e.attempts),
                is_cancel_requested = e.is_cancel_requested or c.is_cancel_requested,
                started_at = coalesce(e.started_at, c.started_at), ended_at = coalesce(c.ended_at, e.ended_at),
                waiting_reason = case when c.sets_waiting then c.waiting_reason else e.waiting_reason end,
                waiting_since = case when c.sets_waiting then c.waiting_since else e.waiting_since end,
                error = case when c.sets_error then c.error else e.error end,
                output = coalesce(c.output, e.output), slice = c.slice, pos = c.pos
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) as c(execution_id, status, attempt, is_cancel_requested,
                started_at, ended_at, sets_waiting, waiting_reason, waiting_since, sets_error, error, output, slice, pos)
            where e.execution_id = c.execution_id
            """,
            [
                .ids(changes.map(\.execution)), .optionalTexts(changes.map { $0.status?.rawValue }),
                .optionalInt4s(changes.map { $0.attempt.map { Int32(clamping: $0) } }), .bools(changes.map(\.isCancelRequested)),
                .times(changes.map(\.startedAt)), .times(changes.map(\.endedAt)), .bools(changes.map(\.waiting.isSet)),
                .safeTexts(changes.map { $0.waiting.value?.reason }), .times(changes.map { $0.waiting.value?.since }),
                .bools(changes.map(\.failure.isSet)), .optionalBytesList(changes.map { $0.failure.value?.json.encoded }),
                .optionalBytesList(changes.map(\.output)), .slices(changes.map(\.position)), .positions(changes.map(\.position)),
            ])
    }
}
