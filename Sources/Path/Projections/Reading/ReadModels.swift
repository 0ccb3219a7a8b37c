import Domain
import EventSourcing
import PostgresDriver
package import Vocabulary

/// What the API shows, read from the views under the row policies of one tenant or one space.
///
/// Every answer may lag behind the log by milliseconds; whoever must see his own write waits with `Projections.wait`. What is not there and
/// what belongs to somebody else look the same.
package struct ReadModels: Sendable {
    let pools: BySlice<PostgresPool>
    let regions: Regions

    /// The pools connect as `fastn_reader`.
    init(pools: BySlice<PostgresPool>, regions: Regions) {
        self.pools = pools
        self.regions = regions
    }

    /// Executions by the time they were asked for.
    package func executions(
        _ scope: ReadScope, _ filter: ExecutionFilter = ExecutionFilter(), page: PageRequest
    ) async throws -> Page<ExecutionView> {
        var query = ListQuery(ExecutionView.selection(output: "null::bytea"), order: "requested_at, execution_id", scope: scope)
        switch filter.workflow.map({ (text: $0, id: WorkflowID($0)) }) {
        case (_, let id?)?: query.filter("workflow_id =", .id(id))
        case (let slug, nil)?: query.filter("slug =", .safeText(slug))
        case nil: break
        }
        query.filter("status =", filter.status.map { .text($0.rawValue) })
        query.filter("event_id =", filter.event.map { .id($0) })
        query.filter("requested_at >=", filter.since.map(PostgresValue.time))
        query.filter("requested_at <", filter.until.map(PostgresValue.time))
        return try await query.page(page, from: pools) { try ExecutionView(row: $0) }
    }

    /// One execution with its output, its steps and its console lines.
    package func execution(_ id: RunID, _ scope: ReadScope) async throws -> ExecutionDetail? {
        try await pools.databases(of: scope).first { pool in
            let answers = try await pool.queries(
                [
                    PostgresStatement(ExecutionView.selection(output: "output") + " where execution_id = $1", [.id(id)]),
                    PostgresStatement(ExecutionStepView.selection, [.id(id)]), PostgresStatement(ExecutionLogView.selection, [.id(id)]),
                ], settings: scope.settings)
            guard let row = answers[0].first else { return nil }
            return ExecutionDetail(
                execution: try ExecutionView(row: row), steps: try answers[1].map { try ExecutionStepView(row: $0) },
                logs: try answers[2].map { try ExecutionLogView(row: $0) })
        }
    }

    /// Events from outside by the time they were received.
    package func events(_ scope: ReadScope, _ filter: EventFilter = EventFilter(), page: PageRequest) async throws -> Page<EventView> {
        var query = ListQuery(EventView.selection(headers: "null::bytea"), order: "received_at, event_id", scope: scope)
        query.filter("kind =", filter.kind.map { .text($0.rawValue) })
        query.filter("trigger_id =", filter.trigger.map { .id($0) })
        return try await query.page(page, from: pools) { try EventView(row: $0) }
    }

    /// One event with its headers; its body is in the log.
    package func event(_ id: EventID, _ scope: ReadScope) async throws -> EventView? {
        try await one(EventView.selection(headers: "headers") + " where event_id = $1", .id(id), scope).map { try EventView(row: $0) }
    }

    /// The audit log, newest entry first.
    package func auditLog(_ scope: ReadScope, _ filter: AuditFilter = AuditFilter(), page: PageRequest) async throws -> Page<AuditView> {
        var query = ListQuery(AuditView.selection, order: "recorded_at, entry_id", scope: scope)
        query.filter("actor_id =", filter.actor.map(PostgresValue.safeText))
        query.filter("actor_type =", filter.actorKind.map { .text($0.rawValue) })
        query.filter("action =", filter.action.map(PostgresValue.safeText))
        query.filter("resource_type =", filter.resourceType.map(PostgresValue.safeText))
        query.filter("resource_id =", filter.resourceID.map(PostgresValue.safeText))
        query.filter("outcome =", filter.outcome.map { .text($0.rawValue) })
        query.filter("recorded_at >=", filter.since.map(PostgresValue.time))
        query.filter("recorded_at <", filter.until.map(PostgresValue.time))
        return try await query.page(page, from: pools) { try AuditView(row: $0) }
    }

    /// Usage of each day from `first` to `last`, both included; in a space's scope a row for each of its tenants and days.
    ///
    /// At most `UsageView.rowLimit` rows, the newest days first.
    package func usage(_ scope: ReadScope, from first: CalendarDay, to last: CalendarDay) async throws -> [UsageView] {
        let sql = UsageView.selection + " where \(scope.column) = $1 and day between $2 and $3 order by day desc, tenant_id limit $4"
        let parameters: [PostgresValue] = [scope.value, .date(PostgresDate(first)), .date(PostgresDate(last)), .int8(Int64(UsageView.rowLimit))]
        let rows = try await pools.rows(PostgresStatement(sql, parameters), scope).map { try UsageView(row: $0) }
        guard pools.all.count > 1 else { return rows }
        return Array(rows.sorted { ($1.day, $0.tenant) < ($0.day, $1.tenant) }.prefix(UsageView.rowLimit))
    }

    func one(_ sql: String, _ id: PostgresValue, _ scope: ReadScope) async throws -> PostgresRow? {
        try await pools.databases(of: scope).first { try await $0.query(sql, [id], settings: scope.settings).first }
    }
}
