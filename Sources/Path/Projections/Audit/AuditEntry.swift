import EventSourcing
import PostgresDriver
import Vocabulary

/// One line of the audit log.
struct AuditEntry {
    private let event: RecordedEvent
    private let action: String
    private let resource: String
    private let id: String
    private let outcome: String
    private let reason: String?

    init(_ event: RecordedEvent, action: String, resource: String, id: String, outcome: String, reason: String?) {
        self.event = event
        self.action = action
        self.resource = resource
        self.id = id
        self.outcome = outcome
        self.reason = reason
    }

    private var actor: Principal { event.meta.principal }

    static func insert(_ entries: [AuditEntry]) -> PostgresStatement {
        PostgresStatement(
            """
            insert into audit_log (entry_id, tenant_id, environment, recorded_at, actor_type, actor_id, on_behalf_of, action, resource_type,
                resource_id, outcome, reason, correlation_id, slice, pos, space_id)
            select a.*, coalesce((select t.space_id from audit_tenants t where t.tenant_id = a.tenant_id), a.tenant_id)
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) as a(entry_id, tenant_id, environment, recorded_at,
                actor_type, actor_id, on_behalf_of, action, resource_type, resource_id, outcome, reason, correlation_id, slice, pos)
            """,
            [
                .ids(entries.map(\.event.id)), .ids(entries.map(\.event.address.tenant)), .safeTexts(entries.map(\.event.meta.environment.name)),
                .times(entries.map(\.event.recordedAt)), .texts(entries.map(\.actor.kind.rawValue)), .safeTexts(entries.map(\.actor.id)),
                .safeTexts(entries.map(\.actor.onBehalfOf)), .safeTexts(entries.map(\.action)), .safeTexts(entries.map(\.resource)),
                .safeTexts(entries.map(\.id)), .texts(entries.map(\.outcome)), .safeTexts(entries.map(\.reason)),
                .ids(entries.map(\.event.meta.correlation)), .slices(entries.map(\.event.position)), .positions(entries.map(\.event.position)),
            ])
    }
}
