package import Domain
package import EventSourcing
package import SandboxDriver
import Vocabulary

/// Runs one workflow without a server: the real executor and the real sandbox over the log in memory.
package struct Workbench: Sendable {
    private let executor: RunExecutor
    private let services: RunServices
    private let workflow: CatalogWorkflow
    private let tenant: TenantID

    /// `secrets` are what `fastn.secrets.get` finds, by name.
    package init(
        artefact: CatalogArtefact, name: String, timeout: Duration, secrets: [String: String], actions: any ActionCaller, sandbox: SandboxPool,
        ids: any IDSource, console: @escaping @Sendable (LogLine) -> Void
    ) async throws {
        let store = InMemoryEventStore(clock: ids)
        let vault = InMemoryVault(ids: ids)
        tenant = ids.next()
        workflow = CatalogWorkflow(
            id: ids.next(), owner: tenant, slug: name, isActive: true, version: 1, artefact: artefact.artefact.hash, tier: .standard,
            timeoutSeconds: Int(timeout.components.seconds), retry: RetryPolicy())
        var sealed: [String: CatalogSecret] = [:]
        for (name, value) in secrets {
            let id = try await vault.seal(Array(value.utf8), tenant: tenant, name: name)
            sealed[name] = CatalogSecret(owner: tenant, name: name, id: id)
        }
        services = RunServices(
            runs: EntityDirectory(store: store, ids: ids, trail: nil), store: store, recent: RecentEvents(),
            catalog: WorkbenchCatalog(tenant: tenant, workflow: workflow, artefact: artefact, secrets: sealed), vault: vault, state: store,
            actions: actions,
            ids: ids, configuration: RunsConfiguration())
        executor = RunExecutor(services: services, sandbox: sandbox) { console($1) }
        self.timeout = timeout
    }

    private let timeout: Duration

    /// Runs the workflow once and answers how it ended.
    ///
    /// - Parameters: `input` and `headers` are JSON text, `rawBody` what the code finds in `ctx.rawBody`.
    package func run(_ event: ReceivedEvent) async throws -> Run {
        let id: EventID = services.ids.next()
        let run: RunID = .derived(from: id, digest: services.ids.random128())
        let address = StreamAddress.monthly(ReceivedEventDecider.self, id, in: tenant)
        let events = EntityDirectory<ReceivedEventDecider>(store: services.store, ids: services.ids, trail: nil)
        _ = try await events.send(.receive(event), to: address, isFresh: true, envelope(id))
        guard let request = workflow.request(space: tenant, environment: .production, event: id, trigger: nil, triggeredBy: "manual") else {
            preconditionFailure("the workbench's workflow is always active")
        }
        let stream = StreamAddress.monthly(RunDecider.self, run, in: tenant)
        _ = try await services.runs.send(.request(request.with(timeout: timeout)), to: stream, isFresh: true, envelope(id))
        guard let ended = try await executor.execute(run, tenant: tenant, lane: .p1) else { throw EntityRejection.unknown(RunDecider.category) }
        return ended
    }

    private func envelope(_ id: EventID) -> CommandEnvelope {
        CommandEnvelope(
            commandID: services.ids.next(), principal: .system("workbench"), correlation: CorrelationID(bits: id.bits), lane: .p1, isRemembered: false
        )
    }
}

/// A catalog with one workflow in it.
struct WorkbenchCatalog: Catalog {
    let tenant: TenantID
    let workflow: CatalogWorkflow
    let artefact: CatalogArtefact
    let secrets: [String: CatalogSecret]

    func trigger(_ id: TriggerID) async throws -> CatalogTrigger? { nil }
    func workflow(_ id: WorkflowID) async throws -> CatalogWorkflow? { id == workflow.id ? workflow : nil }
    func workflow(slug: String, tenant: TenantID, space: SpaceID) async throws -> CatalogWorkflow? { slug == workflow.slug ? workflow : nil }
    func artefact(_ hash: String) async throws -> CatalogArtefact? { hash == artefact.artefact.hash ? artefact : nil }
    func space(of tenant: TenantID) async throws -> SpaceID? { tenant == self.tenant ? tenant : nil }
    func connection(name: String, tenant: TenantID, space: SpaceID) async throws -> CatalogConnection? { nil }
    func secret(name: String, tenant: TenantID, space: SpaceID) async throws -> CatalogSecret? { secrets[name] }
}
