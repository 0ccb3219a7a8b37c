import Domain
import PostgresDriver
import PostgresTestKit
import Testing
import Vocabulary

@testable import Projections

@Suite struct `The plans of lists` {
    @Test(arguments: [
        ReadScope.tenant(TenantID(bits: 0xc1)), .space(SpaceID(bits: 0x5)),
    ]) func `a page of executions is read from an index, without sorting, from the start and from a cursor`(_ scope: ReadScope) async throws {
        try await withTestPool(schema: try Schema.script()) { owner in
            try await fill(owner)
            let query = ListQuery(ExecutionView.selection(output: "null::bytea"), order: "requested_at, execution_id", scope: scope)
            let settings = scope.settings.merging(["role": "fastn_reader"]) { $1 }
            let cursor = PageCursor(time: Timestamp(milliseconds: 1_772_000_000_000), id: 1).text
            for page in [try PageRequest(), try PageRequest(cursor: cursor)] {
                let statement = query.statement(of: page)
                let lines = try await owner.query("explain \(statement.sql)", statement.parameters, settings: settings)
                let plan = try lines.map { try $0.text(0) }.joined(separator: "\n")
                #expect(plan.contains("Index Scan Backward using executions_\(scope.column)_requested_at_execution_id_idx"), "\(plan)")
                #expect(!plan.contains("Sort") && !plan.contains("Seq Scan"), "\(plan)")
                #expect(page.start == nil || plan.contains("AND (ROW(requested_at, execution_id) < ROW("), "\(plan)")
            }
        }
    }

    /// A space of 20,000 executions, 2,000 of them one customer's, as the planner knows it in operation.
    private func fill(_ owner: PostgresPool) async throws {
        _ = try await owner.query(
            """
            insert into executions (execution_id, tenant_id, space_id, environment, workflow_id, slug, version, tier, event_id, triggered_by,
                requested_at, status, attempts, is_cancel_requested, slice, pos)
            select gen_random_uuid(), case when n % 10 = 0 then $1 else gen_random_uuid() end, $2, 'production', gen_random_uuid(), 'sync', 1,
                'instant', gen_random_uuid(), 'webhook', '2026-03-01'::timestamptz - n * interval '1 second', 'completed', 1, false, 1, n
            from generate_series(1, 20000) as n
            """, [.uuid(0xc1), .uuid(0x5)])
        _ = try await owner.query("analyze executions")
    }
}
