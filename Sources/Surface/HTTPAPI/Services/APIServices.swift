package import Domain
package import Erasure
package import EventSourcing
package import Ingress
package import Logging
package import Placement
package import Projections

/// What the API calls; each part is given by the composition.
package struct APIServices: Sendable {
    /// Where the world reaches us, `https://fastn.example`, without a slash at its end; webhook URLs begin with it.
    package let publicBaseURL: String
    package let entities: APIEntities
    package let projections: Projections
    package let vault: any SecretVault
    package let trail: RefusalTrail
    package let ids: any IDSource
    package let compiler: any WorkflowCompiling
    package let ingress: WebhookReceiver
    package let flows: FlowCaller
    package let runs: any RunControlling
    package let travel: TimeTravel
    package let placement: CustomerPlacement
    package let eraser: Eraser
    package let keys: any DataKeys
    /// What is in memory of entities.
    package let live: [any LiveEntities]
    /// The room that they take.
    package let memory: EntityMemory
    package let logger: Logger
    /// Who owns what of the log; throws when the database does not answer.
    package let cluster: @Sendable () async throws -> ClusterStanding
    /// Whether what stands behind this server works, from memory: anybody may ask.
    package let readiness: @Sendable () -> Readiness

    package init(
        publicBaseURL: String, entities: APIEntities, projections: Projections, vault: any SecretVault, trail: RefusalTrail, ids: any IDSource,
        compiler: any WorkflowCompiling, ingress: WebhookReceiver, flows: FlowCaller, runs: any RunControlling, placement: CustomerPlacement,
        eraser: Eraser, keys: any DataKeys, travel: TimeTravel, live: [any LiveEntities], memory: EntityMemory, logger: Logger,
        cluster: @escaping @Sendable () async throws -> ClusterStanding, readiness: @escaping @Sendable () -> Readiness
    ) {
        self.publicBaseURL = publicBaseURL
        self.entities = entities
        self.projections = projections
        self.vault = vault
        self.trail = trail
        self.ids = ids
        self.compiler = compiler
        self.ingress = ingress
        self.flows = flows
        self.runs = runs
        self.travel = travel
        self.placement = placement
        self.eraser = eraser
        self.keys = keys
        self.live = live
        self.memory = memory
        self.cluster = cluster
        self.logger = logger
        self.readiness = readiness
    }

    var reads: ReadModels { projections.reads }
    var catalog: PostgresCatalog { projections.catalog }
}

/// The entities that the API gives commands to.
package struct APIEntities: Sendable {
    package let tenants: EntityDirectory<TenantDecider>
    package let workflows: EntityDirectory<WorkflowDecider>
    package let triggers: EntityDirectory<TriggerDecider>
    package let connections: EntityDirectory<ConnectionDecider>
    package let keyrings: EntityDirectory<KeyringDecider>
    package let receivedEvents: EntityDirectory<ReceivedEventDecider>

    package init(
        tenants: EntityDirectory<TenantDecider>, workflows: EntityDirectory<WorkflowDecider>, triggers: EntityDirectory<TriggerDecider>,
        connections: EntityDirectory<ConnectionDecider>, keyrings: EntityDirectory<KeyringDecider>,
        receivedEvents: EntityDirectory<ReceivedEventDecider>
    ) {
        self.tenants = tenants
        self.workflows = workflows
        self.triggers = triggers
        self.connections = connections
        self.keyrings = keyrings
        self.receivedEvents = receivedEvents
    }

    /// All of them.
    package var live: [any LiveEntities] { [tenants, workflows, triggers, connections, keyrings, receivedEvents] }
}
