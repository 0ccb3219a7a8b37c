import Cryptography
import Domain
import Erasure
import EventSourcing
import Glibc
import HTTPAPI
import Ingress
import Logging
import PipelineTestKit
import Placement
import PostgresDriver
import PostgresTestKit
import Projections
import Synchronization
import Testing
import Vocabulary

/// A server over a log in memory, with views in a database of their own, one space with a key, and one customer.
struct APIStage: Sendable {
    static let key = "test-key-of-the-space"
    static let strangersKey = "test-key-of-another-space"

    let client: TestClient
    let api: API
    let runs: TestRuns
    let vault: InMemoryVault
    let projections: Projections
    /// The views' connections.
    let system: PostgresPool
    let store: ObservedStore
    let space: SpaceID
    let customer: TenantID
    /// A customer of another space.
    let stranger: TenantID

    var headers: [(String, String)] { [("x-fastn-api-key", Self.key), ("x-fastn-space-id", "\(space)")] }
    var base: String { "/api/v1/tenants/\(customer)" }

    func get(_ path: String, _ headers: [(String, String)] = []) async throws -> TestAnswer {
        try await client.send("GET", path, self.headers + headers)
    }

    func send(_ method: String, _ path: String, _ json: JSONValue? = nil, _ headers: [(String, String)] = []) async throws -> TestAnswer {
        try await client.send(method, path, self.headers + [("content-type", "application/json")] + headers, body: json?.encoded)
    }

    /// Creates a workflow and publishes it; answers its id.
    @discardableResult
    func publishWorkflow(_ name: String, tier: String = "standard") async throws -> String {
        let id = try #require(try await send("POST", "\(base)/workflows", ["name": .string(name), "tier": .string(tier)]).json["id"]?.string)
        #expect(try await send("POST", "\(base)/workflows/\(id)/publish").status == 200)
        return id
    }

    /// Calls `body` while no view can follow the log.
    func whileViewsStandStill(_ body: @Sendable () async throws -> Void) async throws {
        try await system.withTransaction { transaction in
            _ = try await transaction.query("lock table checkpoints in share mode")
            try await body()
        }
    }

    /// Waits until the views have all that is in the log.
    func settle() async throws {
        for (slice, position) in try await store.heads() {
            let isThere = await projections.wait(
                for: LogPosition(slice: slice, position: position), in: ProjectionName.allCases, timeout: .seconds(20))
            try #require(isThere, "views stand still: \(projections.status)")
        }
    }
}

/// Runs `body` against a server of its own.
func withAPI(
    configuration: HTTPServerConfiguration = HTTPServerConfiguration(), readiness: Readiness = Readiness(database: .ok, bus: .ok),
    _ body: @Sendable (APIStage) async throws -> Void
) async throws {
    try await withTestDatabase(schema: try ReadModelSchema.script()) { database in
        let system = PostgresPool(configuration: database.configuration(role: "fastn_system"), connectionLimit: 6)
        let reader = PostgresPool(configuration: database.configuration(role: "fastn_reader"), connectionLimit: 2)
        try await withRunning(system) {
            try await withRunning(reader) { try await serve(Backstage(system: system, reader: reader, readiness: readiness), configuration, body) }
        }
    }
}

private func serve(_ backstage: Backstage, _ configuration: HTTPServerConfiguration, _ body: @Sendable (APIStage) async throws -> Void) async throws {
    var configuration = configuration
    configuration.port = 0
    let (ports, listening) = AsyncStream.makeStream(of: Int.self)
    let server = HTTPServer(configuration: configuration, api: API(services: backstage.services, logger: .silent), logger: .silent) { port in
        listening.yield(port)
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await backstage.projections.run() }
        group.addTask { try await server.run() }
        defer { group.cancelAll() }
        let port = try #require(await ports.first { _ in true })
        try await body(try await backstage.stage(port: port))
    }
}

/// What stands behind the server.
private struct Backstage: Sendable {
    let projections: Projections
    let services: APIServices
    private let system: PostgresPool
    private let ids = ClosureIDSource.real
    private let store: ObservedStore
    private let runs: TestRuns
    private let vault: InMemoryVault

    init(system: PostgresPool, reader: PostgresPool, readiness: Readiness) {
        let (ids, store) = (ids, ObservedStore(InMemoryEventStore(clock: ids)))
        let projections = Projections(store: store, pool: system, reader: reader, logger: .silent)
        store.observe([projections.observer])
        let trail = RefusalTrail(store: store, ids: ids)
        let runDirectory = EntityDirectory<RunDecider>(store: store, ids: ids, trail: trail)
        let (recent, inbox, vault) = (RecentEvents(), InMemoryInbox(store: store, clock: ids), InMemoryVault(ids: ids))
        let runs = TestRuns(directory: runDirectory, ids: ids)
        let intake = Intake(store: store, inbox: inbox, recent: recent, logger: .silent)
        let memory = EntityMemory()
        func directory<D: Decider>() -> EntityDirectory<D> { EntityDirectory(store: store, ids: ids, trail: trail, memory: memory) }
        let entities = APIEntities(
            tenants: directory(), workflows: directory(), triggers: directory(), connections: directory(), keyrings: directory(),
            receivedEvents: directory())
        services = APIServices(
            publicBaseURL: "https://hooks.example", entities: entities,
            projections: projections, vault: vault, trail: trail, ids: ids, compiler: TestCompiler(),
            ingress: WebhookReceiver(
                catalog: projections.catalog, inbox: inbox, intake: intake, vault: vault, keys: store, trail: trail, ids: ids, logger: .silent),
            flows: FlowCaller(store: store, runs: runDirectory, catalog: projections.catalog, recent: recent, keys: store, ids: ids), runs: runs,
            placement: CustomerPlacement(
                regions: Regions([:]), store: store, tenants: entities.tenants, placements: directory(), trail: trail, ids: ids),
            eraser: Eraser(erasures: EntityDirectory(store: store, ids: ids, trail: trail), keys: store, ids: ids), keys: store,
            travel: TimeTravel(store: store), live: entities.live + [runDirectory], memory: memory, logger: .silent, cluster: { Self.cluster },
            readiness: { readiness })
        (self.projections, self.system, self.store, self.runs, self.vault) = (projections, system, store, runs, vault)
    }

    /// Two nodes, of which the second owns the last slice.
    private static var cluster: ClusterStanding {
        let nodes = [NodeID(bits: 1), NodeID(bits: 2)]
        return ClusterStanding(
            own: nodes[0],
            nodes: nodes.map { .init(id: $0, name: $0, address: "http://node", isReachable: $0 == nodes[0], startedAt: Timestamp(milliseconds: 0)) },
            slices: Slice.all.map { .init(slice: $0, region: .main, epoch: 3, owner: $0.number < 255 ? nodes[0] : nodes[1], head: 7, lag: 1) })
    }

    func stage(port: Int) async throws -> APIStage {
        let space = try await space(withKey: APIStage.key)
        let customer = try await self.customer(of: space)
        let stranger = try await self.customer(of: try await self.space(withKey: APIStage.strangersKey))
        let stage = APIStage(
            client: TestClient(port: port), api: API(services: services, logger: .silent), runs: runs, vault: vault, projections: projections,
            system: system, store: store, space: space, customer: customer, stranger: stranger)
        try await stage.settle()
        return stage
    }

    private func space(withKey text: String) async throws -> SpaceID {
        let space: SpaceID = ids.next()
        let directory = EntityDirectory<SpaceDecider>(store: store, ids: ids, trail: nil)
        let address = StreamAddress(tenant: space, stream: space.recast(), category: SpaceDecider.category)
        _ = try await directory.send(.create(name: "Acme"), to: address, envelope())
        let key = IssuedKey(id: ids.next(), name: "test", kind: .test, digest: SHA256.hash(Array(text.utf8)).hex)
        _ = try await directory.send(.issueKey(key), to: address, envelope())
        return space
    }

    private func customer(of space: SpaceID) async throws -> TenantID {
        let tenant: TenantID = ids.next()
        let address = StreamAddress(tenant: tenant, stream: tenant.recast(), category: TenantDecider.category)
        _ = try await services.entities.tenants.send(.create(space: space, name: "First customer", externalID: nil), to: address, envelope())
        return tenant
    }

    private func envelope() -> CommandEnvelope {
        CommandEnvelope(commandID: ids.next(), principal: .system("test"), correlation: ids.next(), lane: .p1)
    }
}

extension Logger {
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}
