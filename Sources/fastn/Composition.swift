import Cluster
import CommandLineTool
import Cryptography
import Delivery
import Domain
import Erasure
import EventLog
import EventSourcing
import Glibc
import HTTPAPI
import HTTPClientDriver
import Ingress
import Logging
import NATSDriver
import Placement
import Projections
import Relay
import Routing
import Runs
import SandboxDriver
import ServiceLifecycle
import Vocabulary

/// The live parts of a server and how they are put together: the only file that names them.
struct Composition: Sendable {
    let logs: RegionalLogs
    /// The logs as this node sees them.
    let store: ClusterStore
    let projections: Projections
    let compiler: LiveCompiler
    let services: APIServices
    private let snapshots: SnapshotWriter
    private let nats: NATSConnection
    private let calls: NodeCalls
    private let executor: RunExecutor
    private let client: HTTPClient
    private let sandbox: SandboxPool
    private let intake: Intake
    private let readiness: ReadinessWatch
    private let dispatcher: Dispatcher
    private let workers: LaneWorkers
    private let logger: Logger

    /// Connects to the servers, migrates, and takes the log; nothing runs before `parts(serving:)` do.
    init(_ settings: ServerSettings, _ servers: Servers, publicURL: String, logger: Logger) async throws {
        let ids = SystemIDs.source
        let nats = try NATSConnection(configuration: .init(url: servers.natsURL, name: "fastn"), logger: logger)
        let cluster = ClusterConfiguration(
            node: ids.next(), name: try NodeName.open(in: settings.dataFolder, ids: ids), address: publicURL, isReachable: { nats.isConnected })
        let logs = try await ServerLogs(settings: settings, cluster: cluster, logger: logger).open(mainURL: servers.databaseURL)
        let registry = logs.registry
        let projections = Projections(logs, ownership: registry, logger: logger)
        try await Self.connect(nats, settings)
        let prefix = Self.prefix(logs.main)
        let calls = NodeCalls(connection: nats, prefix: prefix, node: cluster.node, parcels: logs.parcels, ids: ids, logger: logger)
        logs.onRelease { calls.tellOfRelease() }
        let recent = RecentEvents()
        let snapshots = SnapshotWriter(store: logs.snapshots) { address, error in
            logger.debug("a snapshot was not stored", metadata: ["entity": "\(address)", "error": "\(error)"])
        }
        let memory = EntityMemory(snapshots: snapshots, ownership: registry)
        let store = ClusterStore(local: logs.store, registry: registry, calls: calls, memory: memory)
        let runs = EntityDirectory<RunDecider>(store: store, ids: ids, trail: nil, memory: memory)
        let catalog = projections.catalog
        let client = HTTPClient(configuration: .init(addressPolicy: AddressGuard(allowsPrivateAddresses: settings.allowsPrivateAddresses).permits))
        let sandbox = SandboxPool(configuration: Self.sandboxing(settings))
        let runServices = RunServices(
            runs: runs, store: store, recent: recent, catalog: catalog, vault: logs.vault, state: logs.store,
            actions: HTTPConnector(client: client, catalog: catalog, vault: logs.vault), ids: ids, configuration: RunsConfiguration(),
            ownership: registry)
        let executor = RunExecutor(services: runServices, sandbox: sandbox)
        let bus = NATSEventBus(connection: nats, configuration: Self.bus(prefix, cluster), session: UInt64(truncatingIfNeeded: ids.random128()))
        let dispatcher = Dispatcher(queue: logs.store, bus: bus, clock: ids, logger: logger)
        let router = Router(store: store, runs: runs, catalog: catalog, recent: recent, ids: ids)
        let trail = RefusalTrail(store: store, ids: ids)
        let intake = Intake(store: store, inbox: logs.inbox, recent: recent, logger: logger)
        let travel = TimeTravel(store: logs.store)
        let eraser = Eraser(erasures: EntityDirectory(store: store, ids: ids, trail: trail, memory: memory), keys: logs.dataKeys, ids: ids)
        logs.observeKeys {
            recent.forgetAll()
            memory.forgetAll()
            travel.forgetAll()
            projections.forgetAll()
        }
        logs.observe(projections.observer)
        logs.observe(dispatcher)
        let readiness = ReadinessWatch(pools: logs.readerPools, nats: nats, logger: logger)
        self.logs = logs
        self.store = store
        self.calls = calls
        self.executor = executor
        self.readiness = readiness
        self.snapshots = snapshots
        self.projections = projections
        compiler = LiveCompiler(compiler: ScriptCompiler(pool: sandbox))
        let placements = EntityDirectory<PlacementDecider>(store: store, ids: ids, trail: trail, memory: memory)
        let entities = APIEntities(store: store, ids: ids, trail: trail, memory: memory)
        let placement = CustomerPlacement(
            regions: logs.regions, store: store, tenants: entities.tenants, placements: placements, trail: trail, ids: ids)
        services = APIServices(
            publicBaseURL: publicURL, entities: entities, projections: projections, vault: logs.vault, trail: trail, ids: ids, compiler: compiler,
            ingress: WebhookReceiver(
                catalog: catalog, inbox: logs.inbox, intake: intake, vault: logs.vault, keys: logs.dataKeys, trail: trail, ids: ids, logger: logger),
            flows: FlowCaller(store: store, runs: runs, catalog: catalog, recent: recent, keys: logs.dataKeys, ids: ids),
            runs: LiveRuns(
                executor: executor, replayer: RunReplayer(services: runServices, sandbox: sandbox), runs: runs, registry: registry, calls: calls),
            placement: placement, eraser: eraser, keys: logs.dataKeys, travel: travel, live: entities.live + [runs, placements], memory: memory,
            logger: logger, cluster: { try await logs.standing() }, readiness: { readiness.readiness })
        workers = LaneWorkers(
            bus: bus, queue: logs.store, dispatcher: dispatcher, handlers: [.route: router, .run: executor, .erase: eraser], clock: ids,
            ownership: registry, logger: logger)
        (self.nats, self.client, self.sandbox, self.intake, self.dispatcher, self.logger) = (nats, client, sandbox, intake, dispatcher, logger)
    }

    /// Every part in the order of its start; they end in the opposite order, so that what is accepted is still committed.
    func parts(serving server: HTTPServer) -> [any Service] {
        let (logs, client, workers) = (logs, client, workers)
        return [
            Part("bus") { [nats] in
                await waitForCancellation()
                await nats.close()
            },
            Part("event-log", ending: .request { logs.stop() }) { try await RegionalAddresses.explaining { try await logs.run() } },
            Part("snapshots") { [snapshots] in await snapshots.run() },
            Part("projections") { [projections] in await projections.run() },
            Part("http-client", ending: .request { client.shutDown() }) { try await client.run() },
            Part("sandboxes") { [sandbox] in await sandbox.run() },
            Part("cluster") { try await answerOthers() },
            Part("readiness") { [readiness] in try await readiness.run() },
            Part("intake") { [intake] in await intake.run() },
            Part("dispatcher") { [dispatcher] in await dispatcher.run() },
            Part("workers", ending: .request { workers.stop() }) { await workers.run() },
            server,
        ]
    }

    /// What this node does for others until the task is cancelled.
    private func answerOthers() async throws {
        let (logs, store, executor) = (logs, store, executor)
        try await calls.run(heardOfRelease: { logs.wake() }) { question in
            switch question {
            case .append(let batch): return await store.answer(batch)
            case .execute(let run, let tenant, let lane): return await executor.answer(run, tenant: tenant, lane: lane)
            case .stop(let run):
                executor.stop(run)
                return .done
            }
        }
    }

    /// Checks that the programs are there without which a server would start and could run nothing.
    static func checkPrograms() throws(CommandFailure) {
        let programs = [
            (path: ScriptCompiler.Configuration().compilerPath, remedy: "run ops/install-dependencies, or install the package esbuild"),
            (path: sandboxPath, remedy: "it must lie beside fastn, and is built together with it"),
        ]
        for program in programs where access(program.path, X_OK) != 0 { throw .failed("\(program.path) is missing; \(program.remedy)") }
    }

    private static var sandboxPath: String { "\(ProgramFolder.path)/fastn-sandbox" }

    private static func connect(_ nats: NATSConnection, _ settings: ServerSettings) async throws {
        do { try await nats.connect() } catch where settings.natsURL != nil {
            throw CommandFailure.unreachable(
                "FASTN_NATS_URL: cannot connect to NATS: check that the server runs and that address, user and password are right")
        }
    }

    private static func sandboxing(_ settings: ServerSettings) -> SandboxConfiguration {
        var configuration = SandboxConfiguration.forRuns(executablePath: sandboxPath)
        configuration.maximumWorkers = settings.sandboxes
        configuration.workersReservedForUrgent = 1
        return configuration
    }

    /// Installations that share a NATS server must not share lanes.
    private static func prefix(_ log: EventLog) -> String { "fastn_" + String((log.installationID?.description ?? "").prefix(8)) }

    private static func bus(_ prefix: String, _ cluster: ClusterConfiguration) -> NATSEventBus.Configuration {
        var configuration = NATSEventBus.Configuration()
        configuration.prefix = prefix
        configuration.node = "\(cluster.name)"
        return configuration
    }
}

extension APIEntities {
    /// The directories of everything that the API gives commands to.
    fileprivate init(store: any EventStore, ids: any IDSource, trail: RefusalTrail, memory: EntityMemory) {
        func directory<D: Decider>() -> EntityDirectory<D> { EntityDirectory(store: store, ids: ids, trail: trail, memory: memory) }
        self.init(
            tenants: directory(), workflows: directory(), triggers: directory(), connections: directory(), keyrings: directory(),
            receivedEvents: directory())
    }
}
