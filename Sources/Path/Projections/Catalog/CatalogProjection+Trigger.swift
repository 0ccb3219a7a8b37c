import Domain
import EventSourcing
import PostgresDriver
import Vocabulary

extension CatalogProjection {
    func statements(_ happened: TriggerEvent, _ event: RecordedEvent) -> [PostgresStatement] {
        switch happened {
        case .created(let specification): [insert(specification, event)]
        case .updated(let specification): [update(specification, event)]
        // That nobody proves where deliveries come from stands in the specification too; the audit log shows who asked for it.
        case .verificationWaived: []
        case .enabled: [set(isEnabled: true, event)]
        case .disabled: [set(isEnabled: false, event)]
        case .deleted: [PostgresStatement("delete from triggers where trigger_id = $1", [.id(event.address.stream)])]
        }
    }

    private func insert(_ specification: TriggerSpecification, _ event: RecordedEvent) -> PostgresStatement {
        PostgresStatement(
            """
            insert into triggers (trigger_id, tenant_id, space_id, environment, name, scheme, specification, created_at, updated_at,
                slice, pos, is_enabled)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, true)
            """,
            [.id(event.address.stream), .id(event.address.tenant)] + parameters(specification) + [.time(event.recordedAt)] + provenance(event))
    }

    private func update(_ specification: TriggerSpecification, _ event: RecordedEvent) -> PostgresStatement {
        PostgresStatement(
            """
            update triggers set space_id = $2, environment = $3, name = $4, scheme = $5, specification = $6, updated_at = $7, slice = $8, pos = $9
            where trigger_id = $1
            """, [.id(event.address.stream)] + parameters(specification) + [.time(event.recordedAt)] + provenance(event))
    }

    /// Space, environment, name, scheme and the whole as it was stored.
    private func parameters(_ specification: TriggerSpecification) -> [PostgresValue] {
        [
            .id(specification.space), .safeText(specification.environment.name), .safeText(specification.name), .safeText(specification.scheme),
            .json(specification.json),
        ]
    }

    private func set(isEnabled: Bool, _ event: RecordedEvent) -> PostgresStatement {
        PostgresStatement(
            "update triggers set is_enabled = $2, updated_at = $3, slice = $4, pos = $5 where trigger_id = $1",
            [.id(event.address.stream), .bool(isEnabled), .time(event.recordedAt)] + provenance(event))
    }
}
