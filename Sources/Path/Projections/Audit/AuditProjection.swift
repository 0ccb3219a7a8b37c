import Domain
import EventSourcing
import PostgresDriver
import Vocabulary

/// Keeps who did or tried what: every change that somebody asked for, and every refusal.
///
/// What the machinery does by itself, deliveries and the journal of runs, is in the lists of events and executions.
struct AuditProjection: Projection {
    let name = ProjectionName.audit
    // Every kind of entity: a new one's events are evidence too.
    let categories: Set<Category>? = nil
    let version: Int32 = 1

    /// The action of each event: what its command is called in refusals, so that success and failure of one thing are found together.
    private static let actions: [String: String] = [
        "space.created": "space.create", "space.key.issued": "space.key.issue", "space.key.revoked": "space.key.revoke",
        "tenant.created": "tenant.create", "tenant.abandoned": "tenant.abandon", "placement.claimed": "placement.claim",
        "placement.released": "placement.release", "workflow.created": "workflow.create", "workflow.updated": "workflow.update",
        "workflow.published": "workflow.publish", "workflow.archived": "workflow.archive", "workflow.enabled": "workflow.enable",
        "workflow.disabled": "workflow.disable", "trigger.created": "trigger.create", "trigger.updated": "trigger.update",
        "trigger.verification.waived": "trigger.verification.waive", "trigger.enabled": "trigger.enable", "trigger.disabled": "trigger.disable",
        "trigger.deleted": "trigger.delete", "connection.created": "connection.create", "connection.credentials.rotated": "connection.rotate",
        "connection.deleted": "connection.delete", "secret.written": "secret.write", "secret.deleted": "secret.delete",
        "erasure.requested": "erasure.request", "erasure.completed": "erasure.complete",
        "run.requested": "execution.request", "run.cancel.requested": "execution.cancel",
    ]

    func statements(for events: [RecordedEvent], read: RowReader) async throws -> [PostgresStatement] {
        let entries = try events.compactMap(Self.entry)
        let customers = try events.compactMap(Self.customer)
        // Customers first: what they do in the same batch is their space's from the start.
        return (customers.isEmpty ? [] : Self.learn(customers)) + (entries.isEmpty ? [] : [AuditEntry.insert(entries)])
    }

    private static func entry(_ event: RecordedEvent) throws -> AuditEntry? {
        if let action = actions[event.form.type] {
            // Each run that a trigger starts has a system's request: the list of executions shows them.
            if event.form.type == "run.requested", event.meta.principal.kind == .system { return nil }
            return AuditEntry(
                event, action: action, resource: resourceType(event.address.category.name), id: try name(event) ?? "\(event.address.stream)",
                outcome: "success", reason: try reason(event))
        }
        guard event.form.type == "refusal.rejected" || event.form.type == "refusal.denied" else { return nil }
        let field = FieldReader(event.form)
        return AuditEntry(
            event, action: try field.string("action"), resource: resourceType(try field.string("resourceType")), id: try field.string("resourceId"),
            outcome: String(event.form.type.dropFirst("refusal.".count)), reason: try field.string("reason"))
    }

    /// Why data was erased; nothing else that is done says why.
    private static func reason(_ event: RecordedEvent) throws -> String? {
        guard event.form.type == "erasure.requested", case .requested(let request) = try ErasureEvent.restore(event.form) else { return nil }
        return request.reason
    }

    private static func resourceType(_ category: String) -> String { category == RunDecider.category.name ? "execution" : category }

    /// A secret is known by its name; everything else by its id.
    private static func name(_ event: RecordedEvent) throws -> String? {
        guard event.form.type == "secret.written" || event.form.type == "secret.deleted" else { return nil }
        switch try KeyringEvent.restore(event.form) {
        case .written(let name, _), .deleted(let name): return name
        }
    }

    private static func customer(_ event: RecordedEvent) throws -> (tenant: TenantID, space: SpaceID)? {
        guard event.form.type == "tenant.created" else { return nil }
        guard case .created(let space, _, _, _) = try TenantEvent.restore(event.form) else { return nil }
        return (event.address.stream.recast(), space)
    }

    /// The log may say whose a customer is in another slice than the one in which the customer acts, hence later.
    private static func learn(_ customers: [(tenant: TenantID, space: SpaceID)]) -> [PostgresStatement] {
        let parameters: [PostgresValue] = [.ids(customers.map(\.tenant)), .ids(customers.map(\.space))]
        return [
            PostgresStatement("insert into audit_tenants (tenant_id, space_id) select * from unnest($1, $2)", parameters),
            PostgresStatement(
                "update audit_log a set space_id = c.space_id from unnest($1, $2) as c(tenant_id, space_id) where a.tenant_id = c.tenant_id",
                parameters),
        ]
    }
}
