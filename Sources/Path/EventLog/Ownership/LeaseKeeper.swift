package import EventSourcing
import Logging
import PostgresDriver
import Synchronization
package import Vocabulary

/// Keeps this node's leases: prolongs them, takes slices that should be its own, and gives up those that should be another's.
///
/// Nobody coordinates: every node reads the same rows and computes the same placement; where two disagree for a moment, a row of Postgres decides.
package final class LeaseKeeper: SliceRegistry {
    private struct View {
        var nodes: [ClusterNode] = []
        var owners: [Slice: NodeID] = [:]
        var readAt: ContinuousClock.Instant?
    }

    /// Looks by callers who did not find an owner are at least so far apart.
    private static let lookInterval = Duration.milliseconds(100)

    let owned = OwnedSlices()
    private let table: LeaseTable
    private let configuration: ClusterConfiguration
    private let logger: Logger
    private let view = Mutex(View())
    /// Raised when another node says that something changed.
    private let news = Signal()
    private let observer = Mutex<(@Sendable () -> Void)?>(nil)
    private let scope = Mutex(Scope())

    /// What of the installation is this database's.
    private struct Scope {
        /// The slices that live in the database.
        var slices = Set(Slice.all)
        /// The regions that this process has databases of; nil for a process that does not care.
        var regions: Set<Region>?
    }

    /// `pool` has connections that nobody else waits for, `reader` those for what callers ask.
    init(pool: PostgresPool, reader: PostgresPool, configuration: ClusterConfiguration, region: Region, logger: Logger) {
        table = LeaseTable(pool: pool, reader: reader, configuration: configuration, region: region)
        self.configuration = configuration
        self.logger = logger
    }

    package var node: NodeID { configuration.node }

    /// Limits what this node asks for to the slices that live in the database, among regions that it knows; to be called before it joins.
    func serve(_ slices: [Slice], among regions: [Region]) {
        scope.withLock { $0 = Scope(slices: Set(slices), regions: Set(regions)) }
    }

    /// Nodes that live, as of the last heartbeat, the oldest first.
    package var nodes: [ClusterNode] { view.withLock(\.nodes) }

    package func term(of slice: Slice) -> SliceTerm? {
        guard let lease = owned.lease(of: slice), lease.until > .now else { return nil }
        return SliceTerm(lease.epoch)
    }

    package func holds(_ slice: Slice) -> Bool { owned.lease(of: slice) != nil }

    package func owner(of slice: Slice) -> NodeID? { holds(slice) ? node : view.withLock { $0.owners[slice] } }

    package func look(for _: Slice) async {
        let isDue = view.withLock { view in
            guard view.readAt.map({ .now - $0 >= Self.lookInterval }) ?? true else { return false }
            view.readAt = .now
            return true
        }
        guard isDue else { return }
        do {
            let owners = try await table.owners()
            view.withLock { $0.owners = owners }
        } catch { logger.debug("the owners of slices could not be read", metadata: ["error": "\(error)"]) }
    }

    /// Calls `body` whenever this node has given slices up, so that it can tell the others.
    package func onRelease(_ body: @escaping @Sendable () -> Void) { observer.withLock { $0 = body } }

    /// Who owns what, from the database, among the nodes of the last heartbeat.
    package func standing() async throws -> ClusterStanding {
        ClusterStanding(own: node, nodes: nodes, slices: try await table.slices())
    }

    /// Something changed: the next heartbeat comes at once.
    package func wake() { news.raise() }

    /// Joins the cluster and takes what is free, however long the database takes to answer.
    func join() async throws {
        while true {
            do {
                try await table.join()
                return try await beat()
            } catch let error as PostgresError {
                logger.warning("the node could not join the others yet", metadata: ["error": "\(error)"])
            }
            try await Task.sleep(for: configuration.heartbeat / 4)
        }
    }

    /// Keeps the leases until cancelled; throws `.fenced` when a later process has this node's name, and `RegionError.missing` when another
    /// node has added a region.
    func run() async throws {
        while true {
            do { try await beat() } catch let error as PostgresError {
                // What is owned counts on until the leases run out; nobody can take it before.
                logger.warning("the leases of the event log's slices were not prolonged", metadata: ["error": "\(error)"])
            }
            await news.wait(atMost: configuration.heartbeat)
            try Task.checkCancellation()
        }
    }

    /// Gives everything up. A failure costs the others the time in which the leases run out.
    func leave() async {
        owned.drop(Slice.all)
        do { try await table.leave() } catch {
            logger.warning("the node could not take leave of the others", metadata: ["error": "\(error)"])
        }
        observer.withLock { $0 }?()
    }

    /// One heartbeat.
    func beat() async throws {
        let begun = ContinuousClock.now
        let reading = try await table.beat()
        guard !reading.isSuperseded else {
            owned.drop(Slice.all)
            throw EventStoreError(.fenced)
        }
        let scope = scope.withLock(\.self)
        // Whoever does not know where customers live tells callers that there are none.
        if let known = scope.regions, let stranger = reading.regions.subtracting(known).min() { throw RegionError.missing(stranger) }
        owned.retain(Set(reading.own.keys))
        owned.hold(reading.own, until: begun + configuration.leaseDuration - configuration.margin)
        let placement = SlicePlacement(among: reading.nodes.map { .init(name: $0.name, isReachable: $0.isReachable) })
        let desired = scope.slices.intersection(placement.slices(of: configuration.name))
        let released = try await release(reading.own.keys.filter { !desired.contains($0) }.sorted())
        let acquired = try await acquire(desired.filter { reading.own[$0] == nil && reading.owners[$0] == nil }.sorted())
        view.withLock { view in
            view.nodes = reading.nodes
            view.owners = reading.owners
            for slice in released { view.owners[slice] = nil }
            for slice in acquired { view.owners[slice] = node }
            view.readAt = .now
        }
    }

    private func release(_ slices: [Slice]) async throws -> [Slice] {
        let some = Array(slices.prefix(configuration.handOversPerHeartbeat))
        guard !some.isEmpty else { return [] }
        // First here: from now on nothing is answered from memory, and what still waits to be appended goes to the next owner.
        owned.drop(some)
        try await table.release(some)
        logger.info("slices were given to other nodes", metadata: ["count": "\(some.count)"])
        observer.withLock { $0 }?()
        return some
    }

    private func acquire(_ slices: [Slice]) async throws -> [Slice] {
        guard !slices.isEmpty else { return [] }
        let begun = ContinuousClock.now
        let epochs = try await table.acquire(slices)
        guard !epochs.isEmpty else { return [] }
        owned.hold(epochs, until: begun + configuration.leaseDuration - configuration.margin)
        logger.info("slices were taken over", metadata: ["count": "\(epochs.count)"])
        return Array(epochs.keys)
    }
}
