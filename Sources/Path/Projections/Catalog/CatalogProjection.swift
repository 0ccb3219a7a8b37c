import Domain
import EventSourcing
import PostgresDriver
import Vocabulary

/// Keeps the tables of what exists. Such events are rare, so each is a statement of its own, sent together.
struct CatalogProjection: Projection {
    let name = ProjectionName.catalog
    let categories: Set<Category>? = [
        SpaceDecider.category, TenantDecider.category, WorkflowDecider.category, TriggerDecider.category, ConnectionDecider.category,
        KeyringDecider.category,
    ]
    let version: Int32 = 1

    func statements(for events: [RecordedEvent], read: RowReader) async throws -> [PostgresStatement] {
        var statements: [PostgresStatement] = []
        for event in events {
            switch event.form.type {
            case "space.created", "space.key.issued", "space.key.revoked":
                statements.append(statement(try SpaceEvent.restore(event.form), event))
            case "tenant.created": statements += self.statements(try TenantEvent.restore(event.form), event)
            case "workflow.created", "workflow.updated", "workflow.published", "workflow.archived", "workflow.enabled", "workflow.disabled":
                statements += self.statements(try WorkflowEvent.restore(event.form), event)
            case "trigger.created", "trigger.updated", "trigger.enabled", "trigger.disabled", "trigger.deleted":
                statements += self.statements(try TriggerEvent.restore(event.form), event)
            case "connection.created", "connection.credentials.rotated", "connection.deleted":
                statements.append(statement(try ConnectionEvent.restore(event.form), event))
            case "secret.written", "secret.deleted": statements.append(statement(try KeyringEvent.restore(event.form), event))
            default: break
            }
        }
        return statements
    }
}

/// Where an event is, as the last parameters of every statement that writes a row.
func provenance(_ event: RecordedEvent) -> [PostgresValue] { [.int2(event.position.slice.number), .int8(event.position.position)] }

extension CatalogProjection {
    private func statement(_ happened: SpaceEvent, _ event: RecordedEvent) -> PostgresStatement {
        let space = PostgresValue.id(event.address.stream)
        switch happened {
        case .created(let name):
            return PostgresStatement(
                "insert into spaces (space_id, tenant_id, name, created_at, slice, pos) values ($1, $1, $2, $3, $4, $5)",
                [space, .safeText(name), .time(event.recordedAt)] + provenance(event))
        case .keyIssued(let key):
            return PostgresStatement(
                """
                insert into api_keys (key_id, tenant_id, space_id, name, kind, digest, created_at, slice, pos)
                values ($1, $2, $2, $3, $4, $5, $6, $7, $8)
                """,
                [.id(key.id), space, .safeText(key.name), .text(key.kind.rawValue), .safeText(key.digest), .time(event.recordedAt)]
                    + provenance(event))
        case .keyRevoked(let id):
            return PostgresStatement(
                "update api_keys set revoked_at = $2, slice = $3, pos = $4 where key_id = $1", [.id(id), .time(event.recordedAt)] + provenance(event))
        }
    }

    /// What a customer had before the log said whose it is belongs to the space from now on: the two may be in different slices.
    private func statements(_ happened: TenantEvent, _ event: RecordedEvent) -> [PostgresStatement] {
        switch happened {
        case .abandoned: return []
        case .created(let space, let name, let externalID, _):
            let tenant = PostgresValue.id(event.address.stream)
            let insert = PostgresStatement(
                "insert into tenants (tenant_id, space_id, name, external_id, created_at, slice, pos) values ($1, $2, $3, $4, $5, $6, $7)",
                [tenant, .id(space), .safeText(name), .optional(externalID, PostgresValue.safeText), .time(event.recordedAt)] + provenance(event))
            return [insert]
                + [
                    "update workflows set space_id = $2 where tenant_id = $1", "update workflow_versions set space_id = $2 where tenant_id = $1",
                    "update connections set space_id = $2 where tenant_id = $1", "update secrets set space_id = $2 where tenant_id = $1",
                ].map { PostgresStatement($0, [tenant, .id(space)]) }
        }
    }

    private func statement(_ happened: KeyringEvent, _ event: RecordedEvent) -> PostgresStatement {
        let tenant = PostgresValue.id(event.address.tenant)
        switch happened {
        case .written(let name, let secret):
            return PostgresStatement(
                """
                insert into secrets (tenant_id, name, environment, secret_id, created_at, updated_at, slice, pos, space_id)
                values ($1, $2, $3, $4, $5, $5, $6, $7, coalesce((select t.space_id from tenants t where t.tenant_id = $1), $1))
                on conflict (tenant_id, name) do update
                set secret_id = excluded.secret_id, updated_at = excluded.updated_at, slice = excluded.slice, pos = excluded.pos
                """,
                [tenant, .safeText(name), .safeText(event.meta.environment.name), .id(secret), .time(event.recordedAt)] + provenance(event))
        case .deleted(let name):
            return PostgresStatement("delete from secrets where tenant_id = $1 and name = $2", [tenant, .safeText(name)])
        }
    }
}
