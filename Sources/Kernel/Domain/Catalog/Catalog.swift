package import Vocabulary

/// What ingress, routing and runs must know of entities to do their work: a read model, rebuilt from the log.
///
/// May lag behind the log by milliseconds; whoever must see his own write waits for its position.
package protocol Catalog: Sendable {
    func trigger(_ id: TriggerID) async throws -> CatalogTrigger?
    func workflow(_ id: WorkflowID) async throws -> CatalogWorkflow?
    /// The workflow that a tenant calls by that name: its own, else its space's.
    func workflow(slug: String, tenant: TenantID, space: SpaceID) async throws -> CatalogWorkflow?
    /// The code of a published version, by its hash.
    func artefact(_ hash: String) async throws -> CatalogArtefact?
    /// The space that a tenant belongs to; a space belongs to itself. Nil for an id that is neither.
    func space(of tenant: TenantID) async throws -> SpaceID?
    /// The connection that a tenant's workflow means by that name: its own, else its space's.
    func connection(name: String, tenant: TenantID, space: SpaceID) async throws -> CatalogConnection?
    /// The record that a secret's name stands for: the tenant's own, else its space's.
    func secret(name: String, tenant: TenantID, space: SpaceID) async throws -> CatalogSecret?
}

/// A trigger as ingress and routing see it.
package struct CatalogTrigger: Hashable, Sendable {
    package let id: TriggerID
    /// The tenant whose events these are.
    package let tenant: TenantID
    package let specification: TriggerSpecification
    package let isEnabled: Bool

    package init(id: TriggerID, tenant: TenantID, specification: TriggerSpecification, isEnabled: Bool) {
        self.id = id
        self.tenant = tenant
        self.specification = specification
        self.isEnabled = isEnabled
    }
}

/// A workflow as routing sees it: what a new run of it is pinned to.
package struct CatalogWorkflow: Hashable, Sendable {
    package let id: WorkflowID
    package let owner: TenantID
    package let slug: String
    /// Whether it is published, enabled and not archived.
    package let isActive: Bool
    /// Number and artefact hash of the newest published version; nil before the first.
    package let version: Int?
    package let artefact: String?
    package let tier: ExecutionTier
    package let timeoutSeconds: Int
    package let retry: RetryPolicy

    package init(
        id: WorkflowID, owner: TenantID, slug: String, isActive: Bool, version: Int?, artefact: String?, tier: ExecutionTier, timeoutSeconds: Int,
        retry: RetryPolicy
    ) {
        self.id = id
        self.owner = owner
        self.slug = slug
        self.isActive = isActive
        self.version = version
        self.artefact = artefact
        self.tier = tier
        self.timeoutSeconds = timeoutSeconds
        self.retry = retry
    }

    /// What a run started now would be pinned to; nil when the workflow is not active.
    package func request(
        space: SpaceID, environment: EnvironmentName, event: EventID, trigger: TriggerID?, triggeredBy: String, dataKey: DataKeyID? = nil
    ) -> RunRequest? {
        guard isActive, let version, let artefact else { return nil }
        return RunRequest(
            space: space, workflow: id, slug: slug, version: version, artefact: artefact, tier: tier, timeout: .seconds(timeoutSeconds), retry: retry,
            environment: environment, event: event, trigger: trigger, triggeredBy: triggeredBy, dataKey: dataKey)
    }
}

/// The code of a published version.
package struct CatalogArtefact: Hashable, Sendable {
    package let artefact: WorkflowArtefact
    package let language: WorkflowLanguage

    package init(artefact: WorkflowArtefact, language: WorkflowLanguage) {
        self.artefact = artefact
        self.language = language
    }
}

/// A connection and whose it is.
package struct CatalogConnection: Hashable, Sendable {
    package let id: ConnectionID
    package let profile: ConnectionProfile
    package let secret: SecretID?

    package init(id: ConnectionID, profile: ConnectionProfile, secret: SecretID?) {
        self.id = id
        self.profile = profile
        self.secret = secret
    }
}

/// A named secret and whose it is; the owner is part of what the record is bound to.
package struct CatalogSecret: Hashable, Sendable {
    package let owner: TenantID
    package let name: String
    package let id: SecretID

    package init(owner: TenantID, name: String, id: SecretID) {
        self.owner = owner
        self.name = name
        self.id = id
    }
}
