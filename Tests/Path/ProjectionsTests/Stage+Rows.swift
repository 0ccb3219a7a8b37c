import PostgresDriver
import Testing

/// All rows of all views, for comparing them.
extension Stage {
    private static let tables = [
        "spaces", "tenants", "api_keys", "workflows", "workflow_versions", "triggers", "connections", "secrets", "executions", "execution_steps",
        "execution_logs", "received_events", "audit_log", "usage_daily",
    ]

    /// A digest of every view's rows.
    func dump() async throws -> [String: String] {
        var digests: [String: String] = [:]
        for table in Self.tables {
            let rows = try await system.query("select count(*)::text, md5(string_agg(t::text, ';' order by t::text)) from \(table) as t")
            let row = try #require(rows.first)
            digests[table] = "\(try row.text(0)) \(try row.optionalText(1) ?? "")"
        }
        return digests
    }

    /// The tables whose rows are others than they were.
    func difference(from before: [String: String]) async throws -> [String] {
        let now = try await dump()
        return before.keys.filter { before[$0] != now[$0] }.sorted()
    }
}
