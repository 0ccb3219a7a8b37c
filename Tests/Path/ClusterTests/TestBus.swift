import Cluster
import EventSourcing
import EventStoreConformance
import Glibc
import LocalServers
import Logging
import NATSDriver
import Synchronization
import Vocabulary

let quiet = Logger(label: "cluster-tests") { _ in SwiftLogNoOpLogHandler() }

/// Runs `body` with the address of a NATS server of its own.
func withNATS(_ body: (String) async throws -> Void) async throws {
    var template = Array("/tmp/cluster-tests-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Broken(description: "no folder") }
    let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    // The server runs as another user.
    chmod(folder, 0o755)
    let server = PrivateNATS(configuration: .init(dataFolder: folder + "/nats"), logger: quiet)
    let endpoint = try await server.start()
    do { try await body(endpoint.url) } catch {
        await server.stop()
        throw error
    }
    await server.stop()
}

/// What is too large for the bus, kept in memory.
final class InMemoryParcels: Parcels {
    private let parcels = Mutex<[ParcelID: [UInt8]]>([:])
    private let total = Atomic<Int>(0)

    /// How many were ever left.
    var count: Int { total.load(ordering: .relaxed) }

    func leave(_ bytes: [UInt8], as id: ParcelID, of _: Slice) async throws(EventStoreError) {
        total.add(1, ordering: .relaxed)
        parcels.withLock { $0[id] = bytes }
    }

    func fetch(_ id: ParcelID, of _: Slice) async throws(EventStoreError) -> [UInt8]? { parcels.withLock { $0.removeValue(forKey: id) } }
}

/// Who owns which slice, as a test says, seen from one node.
final class TestRegistry: SliceRegistry {
    /// What all nodes of a test share: the truth.
    final class Owners: Sendable {
        private let owner = Mutex<NodeID?>(nil)

        var current: NodeID? {
            get { owner.withLock { $0 } }
            set { owner.withLock { $0 = newValue } }
        }
    }

    let node: NodeID
    private let owners: Owners
    /// What the node believes of the others, which may be old.
    private let belief: Mutex<NodeID?>

    init(node: NodeID, owners: Owners) {
        self.node = node
        self.owners = owners
        belief = Mutex(owners.current)
    }

    func term(of slice: Slice) -> SliceTerm? { holds(slice) ? SliceTerm(1) : nil }
    func holds(_: Slice) -> Bool { owners.current == node }
    func owner(of _: Slice) -> NodeID? { belief.withLock { $0 } }
    func look(for _: Slice) async { belief.withLock { $0 = owners.current } }
}

/// A node of a test's cluster; all share one log.
struct TestNode: Sendable {
    let registry: TestRegistry
    let calls: NodeCalls
    let store: ClusterStore
    let memory: EntityMemory
    let connection: NATSConnection
    /// What is read directly and appended to through the cluster.
    let log: RemoteLog

    init(_ url: String, owners: TestRegistry.Owners, id: NodeID, log: InMemoryEventStore, parcels: any Parcels) async throws {
        connection = try NATSConnection(configuration: .init(url: url, name: "cluster-tests"), logger: quiet)
        try await connection.connect()
        registry = TestRegistry(node: id, owners: owners)
        calls = NodeCalls(connection: connection, prefix: "test", node: id, parcels: parcels, ids: SystemIDs(), logger: quiet)
        memory = EntityMemory(ownership: registry)
        store = ClusterStore(local: log, registry: registry, calls: calls, memory: memory)
        self.log = RemoteLog(cluster: store, log: log)
    }

    /// The first answer is held back while this is set.
    let late = LateAnswer()

    /// Answers other nodes until the connection is closed.
    func serve() async throws {
        try await calls.run(heardOfRelease: {}) { [store, late] question in
            guard case .append(let batch) = question else { return .done }
            let answer = await store.answer(batch)
            await late.hold()
            return answer
        }
    }
}

/// Holds one answer back until the next one is there.
final class LateAnswer: Sendable {
    private let waiting = Signal()
    private let state = Mutex(State.off)

    private enum State { case off, armed, holding }

    func arm() { state.withLock { $0 = .armed } }

    func hold() async {
        let (mustWait, mustRaise) = state.withLock { state in
            defer { state = state == .armed ? .holding : .off }
            return (state == .armed, state == .holding)
        }
        if mustRaise { waiting.raise() }
        if mustWait { await waiting.wait() }
    }
}

/// A log that is appended to through another node, and read directly, as every node reads it.
struct RemoteLog: ForwardingStore, WorkQueue, StateReader {
    let cluster: ClusterStore
    let log: InMemoryEventStore

    var base: any EventStore { cluster }

    func readyJobs(limitPerLane: Int) async throws(EventStoreError) -> [Job] { try await log.readyJobs(limitPerLane: limitPerLane) }

    func job(of stream: StreamID, in slice: Slice) async throws(EventStoreError) -> Job? { try await log.job(of: stream, in: slice) }

    func stateValue(scope: StateScopeID, key: String, tenant: TenantID) async throws(EventStoreError) -> [UInt8]? {
        try await log.stateValue(scope: scope, key: key, tenant: tenant)
    }
}

/// Something came to another end than it had to.
struct Broken: Error, CustomStringConvertible { let description: String }
