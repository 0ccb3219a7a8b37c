package import Domain
import EventSourcing
import PostgresDriver
package import Vocabulary

/// Answers what ingress, routing and runs must know from the catalog's tables, with a memory that forgets when the catalog moves on.
package final class PostgresCatalog: Catalog {
    /// Entities of one kind that are remembered: some hundred bytes each.
    private static let entityLimit = 10_000
    /// Artefacts that are remembered: up to about a megabyte each.
    private static let artefactLimit = 64

    private let pools: BySlice<PostgresPool>
    private let triggers = BoundedCache<TriggerID, CatalogTrigger>(capacity: entityLimit)
    private let workflows = BoundedCache<WorkflowID, CatalogWorkflow>(capacity: entityLimit)
    private let slugs = BoundedCache<ScopedName, CatalogWorkflow>(capacity: entityLimit)
    private let externalIDs = BoundedCache<ExternalID, TenantID>(capacity: entityLimit)
    private let spaces = BoundedCache<TenantID, SpaceID>(capacity: entityLimit)
    private let connections = BoundedCache<ScopedName, CatalogConnection>(capacity: entityLimit)
    private let secrets = BoundedCache<ScopedName, CatalogSecret>(capacity: entityLimit)
    private let keys = BoundedCache<String, CatalogKey>(capacity: entityLimit)
    private let artefacts = BoundedCache<String, CatalogArtefact>(capacity: artefactLimit)

    /// A name as a tenant of a space means it.
    private struct ScopedName: Hashable {
        let name: String
        let tenant: TenantID
        let space: SpaceID

        /// The tenant's own comes before its space's.
        var parameters: [PostgresValue] { [.id(tenant), .id(space), .safeText(name)] }
    }

    /// A space's own name for a customer.
    private struct ExternalID: Hashable {
        let text: String
        let space: SpaceID
    }

    /// The pools connect as `fastn_system`, since a webhook's tenant is known only from its trigger.
    init(pools: BySlice<PostgresPool>) { self.pools = pools }

    /// A row whose tenant is not known, wherever it is.
    private func row(_ sql: String, _ parameters: [PostgresValue]) async throws -> PostgresRow? {
        try await pools.all.first { try await $0.query(sql, parameters).first }
    }

    /// A row of a tenant, else of its space: a statement that prefers the tenant's.
    private func row(_ sql: String, _ name: ScopedName) async throws -> PostgresRow? {
        let own = try await pools[name.tenant].query(sql, name.parameters).first
        if let own { return own }
        return pools.isOne(name.tenant, name.space) ? nil : try await pools[name.space].query(sql, name.parameters).first
    }

    /// Forgets what may have changed; an artefact is named by its content and stays.
    func invalidate() {
        triggers.invalidate()
        workflows.invalidate()
        slugs.invalidate()
        externalIDs.invalidate()
        spaces.invalidate()
        connections.invalidate()
        secrets.invalidate()
        keys.invalidate()
    }

    package func trigger(_ id: TriggerID) async throws -> CatalogTrigger? {
        try await triggers.value(for: id) {
            let sql = "select trigger_id, tenant_id, specification, is_enabled from triggers where trigger_id = $1"
            return try await row(sql, [.id(id)]).map { try CatalogTrigger(row: $0) }
        }
    }

    package func workflow(_ id: WorkflowID) async throws -> CatalogWorkflow? {
        try await workflows.value(for: id) {
            try await row(CatalogWorkflow.selection + " where w.workflow_id = $1", [.id(id)]).map { try CatalogWorkflow(row: $0) }
        }
    }

    package func workflow(slug: String, tenant: TenantID, space: SpaceID) async throws -> CatalogWorkflow? {
        let name = ScopedName(name: slug, tenant: tenant, space: space)
        return try await slugs.value(for: name) {
            let condition =
                " where w.tenant_id in ($1, $2) and w.slug = $3 and not w.is_archived order by w.tenant_id = $1 desc, w.created_at desc limit 1"
            return try await row(CatalogWorkflow.selection + condition, name).map { try CatalogWorkflow(row: $0) }
        }
    }

    package func artefact(_ hash: String) async throws -> CatalogArtefact? {
        try await artefacts.value(for: hash) {
            let sql = "select hash, script, source_map, language from workflow_versions where hash = $1 limit 1"
            return try await row(sql, [.safeText(hash)]).map { try CatalogArtefact(row: $0) }
        }
    }

    package func space(of tenant: TenantID) async throws -> SpaceID? {
        try await spaces.value(for: tenant) {
            let sql = "select space_id from tenants where tenant_id = $1 union all select space_id from spaces where space_id = $1 limit 1"
            return try await pools[tenant].query(sql, [.id(tenant)]).first.map { try $0.id(0) }
        }
    }

    /// The customer that a space calls by its own id; nil when there is none.
    package func tenant(externalID: String, of space: SpaceID) async throws -> TenantID? {
        try await externalIDs.value(for: ExternalID(text: externalID, space: space)) {
            let sql = "select tenant_id from tenants where space_id = $1 and external_id = $2"
            return try await row(sql, [.id(space), .safeText(externalID)]).map { try $0.id(0) }
        }
    }

    package func connection(name: String, tenant: TenantID, space: SpaceID) async throws -> CatalogConnection? {
        let name = ScopedName(name: name, tenant: tenant, space: space)
        return try await connections.value(for: name) {
            let sql = """
                select connection_id, tenant_id, name, connector, auth, allowed_hosts, secret_id from connections
                where tenant_id in ($1, $2) and name = $3 order by tenant_id = $1 desc, created_at desc limit 1
                """
            return try await row(sql, name).map { try CatalogConnection(row: $0) }
        }
    }

    package func secret(name: String, tenant: TenantID, space: SpaceID) async throws -> CatalogSecret? {
        let name = ScopedName(name: name, tenant: tenant, space: space)
        return try await secrets.value(for: name) {
            let sql = "select tenant_id, name, secret_id from secrets where tenant_id in ($1, $2) and name = $3 order by tenant_id = $1 desc limit 1"
            return try await row(sql, name).map {
                CatalogSecret(owner: try $0.id(0), name: try $0.text(1), id: try $0.id(2))
            }
        }
    }

    /// The key with that digest; nil when there is none, or it was revoked.
    package func apiKey(digest: String) async throws -> CatalogKey? {
        try await keys.value(for: digest) {
            let sql = "select key_id, space_id, kind, name from api_keys where digest = $1 and revoked_at is null"
            return try await row(sql, [.safeText(digest)]).map {
                CatalogKey(id: try $0.id(0), space: try $0.id(1), kind: try $0.choice(2), name: try $0.text(3))
            }
        }
    }
}

/// An API key as whoever checks requests sees it.
package struct CatalogKey: Hashable, Sendable {
    package let id: APIKeyID
    package let space: SpaceID
    package let kind: IssuedKey.Kind
    package let name: String
}
