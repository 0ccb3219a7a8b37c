import PostgresDriver
package import Vocabulary

extension ReadModels {
    /// Whose entity an id names within a scope, be it there or gone; nil when the scope has none of that id.
    ///
    /// What is gone is remembered by the audit log, which every creation by a person is in.
    package func owner(of id: StreamID, _ scope: ReadScope) async throws -> TenantID? {
        let sql = """
            select tenant_id from executions where execution_id = $1
            union all select tenant_id from received_events where event_id = $1
            union all select tenant_id from workflows where workflow_id = $1
            union all select tenant_id from triggers where trigger_id = $1
            union all select tenant_id from connections where connection_id = $1
            union all (select tenant_id from audit_log where resource_id = $1::text limit 1)
            limit 1
            """
        return try await one(sql, .id(id), scope).map { try $0.id(0) }
    }
}
