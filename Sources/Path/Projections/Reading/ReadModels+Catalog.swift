import Domain
import EventSourcing
import PostgresDriver
package import Vocabulary

/// What was made by people: workflows, triggers, connections, secrets' names, customers.
extension ReadModels {
    package func workflows(_ scope: ReadScope, _ filter: WorkflowFilter = WorkflowFilter(), page: PageRequest) async throws -> Page<WorkflowView> {
        var query = ListQuery(WorkflowView.selection(code: "null::bytea"), order: "created_at, workflow_id", scope: scope)
        query.filter("tier =", filter.tier.map { .text($0.rawValue) })
        query.filter("status =", filter.status.map { .text($0.rawValue) })
        return try await query.page(page, from: pools) { try WorkflowView(row: $0) }
    }

    /// One workflow with its code and its versions, newest first.
    package func workflow(_ id: WorkflowID, _ scope: ReadScope) async throws -> WorkflowDetail? {
        try await pools.databases(of: scope).first { pool in
            let answers = try await pool.queries(
                [
                    PostgresStatement(WorkflowView.selection(code: "code") + " where workflow_id = $1", [.id(id)]),
                    PostgresStatement(WorkflowVersionView.selection + " where workflow_id = $1 order by number desc", [.id(id)]),
                ], settings: scope.settings)
            guard let row = answers[0].first else { return nil }
            return WorkflowDetail(workflow: try WorkflowView(row: row), versions: try answers[1].map { try WorkflowVersionView(row: $0) })
        }
    }

    package func triggers(_ scope: ReadScope, page: PageRequest) async throws -> Page<TriggerView> {
        try await ListQuery(TriggerView.selection, order: "created_at, trigger_id", scope: scope).page(page, from: pools) { try TriggerView(row: $0) }
    }

    package func trigger(_ id: TriggerID, _ scope: ReadScope) async throws -> TriggerView? {
        try await one(TriggerView.selection + " where trigger_id = $1", .id(id), scope).map { try TriggerView(row: $0) }
    }

    package func connections(_ scope: ReadScope, page: PageRequest) async throws -> Page<ConnectionView> {
        try await ListQuery(ConnectionView.selection, order: "created_at, connection_id", scope: scope).page(page, from: pools) {
            try ConnectionView(row: $0)
        }
    }

    package func connection(_ id: ConnectionID, _ scope: ReadScope) async throws -> ConnectionView? {
        try await one(ConnectionView.selection + " where connection_id = $1", .id(id), scope).map { try ConnectionView(row: $0) }
    }

    /// Names and dates of secrets; no value is in any view.
    package func secrets(_ scope: ReadScope, page: PageRequest) async throws -> Page<SecretView> {
        try await ListQuery(SecretView.selection, order: "created_at, secret_id", scope: scope).page(page, from: pools) { try SecretView(row: $0) }
    }

    /// A space's customers.
    package func tenants(_ scope: ReadScope, page: PageRequest) async throws -> Page<TenantView> {
        try await ListQuery(TenantView.selection, order: "created_at, tenant_id", scope: scope).page(page, from: pools) {
            try TenantView(row: $0, regions)
        }
    }

    /// A customer, or the space itself.
    package func tenant(_ id: TenantID, _ scope: ReadScope) async throws -> TenantView? {
        let space = "select space_id, space_id, name, null::text, created_at from spaces where space_id = $1"
        let sql = "\(TenantView.selection) where tenant_id = $1 union all \(space)"
        // Who he is says where he lives.
        return try await pools[id].query(sql, [.id(id)], settings: scope.settings).first.map { try TenantView(row: $0, regions) }
    }
}
