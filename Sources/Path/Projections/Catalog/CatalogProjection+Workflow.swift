import Domain
import EventSourcing
import PostgresDriver
import Vocabulary

extension CatalogProjection {
    func statements(_ happened: WorkflowEvent, _ event: RecordedEvent) -> [PostgresStatement] {
        switch happened {
        case .created(let draft): [insert(draft, event)]
        case .updated(let draft): [update(draft, event)]
        case .published(let version, let draft, let artefact):
            [insert(version, draft, artefact, event), set("current_version = $5, is_enabled = true", event, .int(version))]
        case .archived: [set("is_archived = true", event)]
        case .enabled: [set("is_enabled = true", event)]
        case .disabled: [set("is_enabled = false", event)]
        }
    }

    private func insert(_ draft: WorkflowDraft, _ event: RecordedEvent) -> PostgresStatement {
        PostgresStatement(
            """
            insert into workflows (workflow_id, tenant_id, slug, name, description, tier, timeout_seconds, retry, language, code, created_at,
                updated_at, slice, pos, revision, is_enabled, is_archived, space_id)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12, $13, 1, true, false,
                coalesce((select t.space_id from tenants t where t.tenant_id = $2), $2))
            """,
            [.id(event.address.stream), .id(draft.owner), .safeText(draft.slug)] + parameters(draft) + [.time(event.recordedAt)] + provenance(event))
    }

    private func update(_ draft: WorkflowDraft, _ event: RecordedEvent) -> PostgresStatement {
        PostgresStatement(
            """
            update workflows set name = $2, description = $3, tier = $4, timeout_seconds = $5, retry = $6, language = $7, code = $8,
                updated_at = $9, slice = $10, pos = $11, revision = revision + 1
            where workflow_id = $1
            """, [.id(event.address.stream)] + parameters(draft) + [.time(event.recordedAt)] + provenance(event))
    }

    /// Name, description, tier, timeout, retry policy, language and code.
    private func parameters(_ draft: WorkflowDraft) -> [PostgresValue] {
        [.safeText(draft.name), .utf8(draft.description)] + settings(draft) + [.text(draft.language.rawValue), .utf8(draft.code)]
    }

    private func settings(_ draft: WorkflowDraft) -> [PostgresValue] {
        [.text(draft.tier.rawValue), .int(draft.timeoutSeconds), .json(draft.retry.json)]
    }

    private func insert(_ version: Int, _ draft: WorkflowDraft, _ artefact: WorkflowArtefact, _ event: RecordedEvent) -> PostgresStatement {
        let what: [PostgresValue] = [
            .id(event.address.stream), .int(version), .id(draft.owner), .safeText(artefact.hash), .text(draft.language.rawValue),
        ]
        let code: [PostgresValue] = [.utf8(draft.code), .utf8(artefact.script), .utf8(artefact.sourceMap)]
        return PostgresStatement(
            """
            insert into workflow_versions (workflow_id, number, tenant_id, hash, language, tier, timeout_seconds, retry, code, script, source_map,
                published_at, published_by, slice, pos, space_id)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
                coalesce((select t.space_id from tenants t where t.tenant_id = $3), $3))
            """, what + settings(draft) + code + [.time(event.recordedAt), .safeText(event.meta.principal.id)] + provenance(event))
    }

    private func set(_ change: String, _ event: RecordedEvent, _ more: PostgresValue...) -> PostgresStatement {
        PostgresStatement(
            "update workflows set updated_at = $2, slice = $3, pos = $4, \(change) where workflow_id = $1",
            [.id(event.address.stream), .time(event.recordedAt)] + provenance(event) + more)
    }
}
