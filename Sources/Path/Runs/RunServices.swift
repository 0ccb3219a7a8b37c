package import Domain
package import EventSourcing
import Vocabulary

/// What the execution of runs needs of the rest.
package struct RunServices: Sendable {
    package let runs: EntityDirectory<RunDecider>
    package let store: any EventStore
    package let recent: RecentEvents
    package let catalog: any Catalog
    package let vault: any SecretVault
    package let state: any StateReader
    package let actions: any ActionCaller
    package let ids: any IDSource
    package let configuration: RunsConfiguration
    package let ownership: any SliceOwnership

    package init(
        runs: EntityDirectory<RunDecider>, store: any EventStore, recent: RecentEvents, catalog: any Catalog, vault: any SecretVault,
        state: any StateReader, actions: any ActionCaller, ids: any IDSource, configuration: RunsConfiguration,
        ownership: any SliceOwnership = SoleOwner()
    ) {
        self.runs = runs
        self.store = store
        self.recent = recent
        self.catalog = catalog
        self.vault = vault
        self.state = state
        self.actions = actions
        self.ids = ids
        self.configuration = configuration
        self.ownership = ownership
    }
}

extension RunServices {
    /// The event that started a run: what this process has just received, else what the log says.
    func receivedEvent(_ id: EventID, tenant: TenantID) async throws -> ReceivedEvent? {
        let form: StoredForm?
        if let entry = recent.entry(id) {
            form = entry.form
        } else {
            form = try await store.read(.monthly(ReceivedEventDecider.self, id, in: tenant), after: .none, limit: 1).first?.form
        }
        guard let form, case .received(let event) = try ReceivedEventEvent.restore(form) else { return nil }
        return event
    }
}
