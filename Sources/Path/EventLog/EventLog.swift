import DriverThreads
package import EventSourcing
package import Logging
package import PostgresDriver
import Synchronization
package import Vocabulary

/// The log, the inbox, the vault and the snapshots of one database, and the service that keeps them going.
///
/// `prepare()` first, then `run()`; callers who come between wait. Several processes share a database: each appends to the slices whose leases
/// it has. One that starts under the name of another takes that one's place, whose `run()` throws `.fenced`.
package final class EventLog: Sendable {
    package let store: PostgresEventStore
    package let inbox: PostgresInbox
    package let vault: PostgresVault
    package let snapshots: PostgresSnapshotStore
    package let dataKeys: PostgresDataKeys
    /// Connections as `fastn_system`, for projections and the sweeper; they serve while `run()` runs.
    package let pool: PostgresPool
    /// Connections as `fastn_reader`, which see what the settings `fastn.tenant` or `fastn.space` of a transaction name.
    package let readerPool: PostgresPool

    /// Who owns which slice.
    package let leases: LeaseKeeper
    package let parcels: PostgresParcels

    private let configuration: EventLogConfiguration
    let logger: Logger
    /// For heartbeats alone, which must not wait behind what loads the others.
    private let leasePool: PostgresPool
    private let name: NodeID
    private let installation = Mutex<InstallationRecord?>(nil)
    /// Nil when no checkpoints are wanted.
    private let exporter: CheckpointExporter?

    package init(configuration: EventLogConfiguration, ids: any IDSource, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        pool = PostgresPool(configuration: configuration.pooled(.system), connectionLimit: configuration.connectionLimit)
        readerPool = PostgresPool(configuration: configuration.pooled(.reader), connectionLimit: configuration.readerConnectionLimit)
        dataKeys = PostgresDataKeys(pool: pool, ids: ids)
        leasePool = PostgresPool(configuration: configuration.leasing, connectionLimit: 1)
        let cluster = configuration.cluster ?? ClusterConfiguration(node: ids.next(), name: ClusterConfiguration.onlyName)
        leases = LeaseKeeper(pool: leasePool, reader: pool, configuration: cluster, region: configuration.region, logger: logger)
        name = cluster.name
        parcels = PostgresParcels(pool: pool)
        let patience = configuration.patience
        let appenders = (0..<configuration.writers).map { _ in
            WriterConnector(configuration: configuration.appender, patience: patience, logger: logger)
        }
        exporter = configuration.checkpoints.map { CheckpointExporter(settings: $0, ids: ids, logger: logger) }
        store = PostgresEventStore(
            pool: pool, connectors: appenders, backlog: BacklogLimits(), chainHeads: exporter?.heads ?? ChainHeads(), dataKeys: dataKeys,
            owned: leases.owned)
        let inboxWriter = WriterConnector(configuration: configuration.inboxWriter, patience: patience, logger: logger)
        inbox = PostgresInbox(pool: pool, connector: inboxWriter, backlog: BacklogLimits(), dataKeys: dataKeys, owned: leases.owned)
        vault = PostgresVault(pool: pool, ids: ids)
        snapshots = PostgresSnapshotStore(pool: pool, dataKeys: dataKeys)
    }

    /// Tells `observer` of every commit of this process, on the writer thread; it must return at once.
    package func observe(_ observer: any LogObserver) { store.observe(observer) }

    /// Migrates the database and opens the keys, so that a release which cannot run takes nothing from others.
    ///
    /// Throws `MigrationError`, `VaultKeyError`, `RegionError`, `PostgresError`, or `LostEvents` when the database lacks what a checkpoint says
    /// it had.
    package func prepare() async throws {
        try await join(nil, database: nil)
        try await begin(nil)
    }

    /// Migrates the database, and makes it the installation's for its region if it is nobody's; that of something else is refused as it is.
    ///
    /// `id` is that of the installation, nil for the main region's database, which decides; `database` is that of the region, if it has one.
    func join(_ id: InstallationID?, database: DatabaseID?) async throws {
        let (configuration, vault, dataKeys) = (configuration, vault, dataKeys)
        let member = Membership(region: configuration.region, installation: id, database: database, node: name)
        let found = try await DedicatedThread.run(name: "log-join", refusal: { $0 }) { () throws -> InstallationRecord in
            let owner = try BlockingPostgresConnection(configuration: configuration.owner)
            try RegionError.check(InstallationRecord.find(owner), member)
            _ = try Migrator(configuration: configuration.owner).run(on: owner)
            try Self.ensurePartitions(owner, configuration)
            // Row security is forced on the tables' owner too, so what follows takes on the role that may.
            let system = try BlockingPostgresConnection(configuration: configuration.pooled(.system))
            let (keys, installation) = try vault.openKey(VaultKeyFile(path: configuration.keyFile), as: member, system)
            dataKeys.open(keys)
            return installation
        }
        installation.withLock { $0 = found }
    }

    /// Makes the rows of slices that the database lacks, and holds it to its checkpoints; follows `join`.
    ///
    /// `slices` are those that live in the database, nil for those that no other region has.
    func begin(_ slices: [Slice]?) async throws {
        let (configuration, exporter, logger) = (configuration, exporter, logger)
        try await DedicatedThread.run(name: "log-begin", refusal: { $0 }) { () throws in
            let owner = try BlockingPostgresConnection(configuration: configuration.owner)
            let system = try BlockingPostgresConnection(configuration: configuration.pooled(.system))
            _ = try owner.execute("select ensure_slices($1)", [.optional(slices?.map(\.number), PostgresValue.int2s)])
            if try LogHistory.settle(owner) { logger.warning("the event log is a copy of another database's: it goes on under another history") }
            try Self.settle(exporter, configuration, owner, system, logger)
            try exporter?.open(history: LogHistory.read(owner))
        }
    }

    /// Gives the databases of regions that have none their slices; answers what there is then. This must be the main region's log.
    func assignSlices(to regions: [Region: DatabaseID]) async throws -> RegionMap {
        let (configuration, share) = (configuration, Int32(Slice.count / (regions.count + 1)))
        return try await DedicatedThread.run(name: "log-assign", refusal: { $0 }) { () throws -> RegionMap in
            let owner = try BlockingPostgresConnection(configuration: configuration.owner)
            for (region, database) in regions.sorted(by: { $0.key < $1.key }) {
                _ = try owner.execute("select assign_slices($1, $2, $3)", [.text(region.name), .uuid(database.bits), .int4(share)])
            }
            return try RegionMap(owner.execute(RegionMap.sql))
        }
    }

    /// Opens the keys alone, to read beside the process that owns the log; makes none. Throws `VaultKeyError`.
    package func openKeys() throws {
        guard let keys = try vault.openExistingKey(VaultKeyFile(path: configuration.keyFile)) else { return }
        dataKeys.open(keys)
    }

    /// Which of the installation's databases this is.
    package var region: Region { configuration.region }

    /// Tells this installation from others; nil before `prepare()`.
    package var installationID: InstallationID? { installation.withLock { $0?.id } }

    /// Tells this database from others of the installation; nil before it is joined.
    var databaseID: DatabaseID? { installation.withLock { $0?.database } }

    /// Whether this node, under the name it has, was the installation's first.
    package var isFirstNode: Bool { installation.withLock { $0?.firstNode == name } }

    /// Refuses a database that lacks what the newest checkpoint has, or accepts the loss when that is wanted.
    private static func settle(
        _ exporter: CheckpointExporter?, _ configuration: EventLogConfiguration, _ owner: BlockingPostgresConnection,
        _ system: BlockingPostgresConnection, _ logger: Logger
    ) throws {
        guard let exporter else { return }
        try exporter.open(history: LogHistory.read(owner))
        guard let lost = try exporter.lost(in: system) else { return }
        guard configuration.acceptsLoss else { throw lost }
        try exporter.begin(LogHistory.begin(owner), accepting: lost, system)
        logger.warning("the event log goes on without events that were acknowledged", metadata: ["lost": "\(lost)"])
    }

    private static func ensurePartitions(_ owner: BlockingPostgresConnection, _ configuration: EventLogConfiguration) throws {
        _ = try owner.execute("select ensure_event_partitions($1)", [.int4(configuration.partitionMonths)])
    }

    /// Joins the cluster and serves until `stop()` or cancellation; throws `EventStoreError(.fenced)` when another process has this one's name.
    ///
    /// `stop()` commits what was accepted and then closes the pools; cancellation closes everything at once.
    package func run() async throws { try await run { true } }

    /// Callers who come before `isReady` answers are told after their patience; false ends it.
    func run(when isReady: @escaping @Sendable () async -> Bool) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.pool.run() }
            group.addTask { try await self.readerPool.run() }
            group.addTask { try await self.watch() }
            group.addTask { if await isReady() { try await self.work() } }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func work() async throws {
        guard installation.withLock({ $0 }) != nil else { throw EventLogError.notPrepared }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.maintain() }
            group.addTask { try await self.dataKeys.watch() }
            if let exporter { group.addTask { try await exporter.run() } }
            group.addTask { try await self.serve() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Appends while the leases are kept; gives them up when what was accepted is committed. Who comes before they are taken waits.
    private func serve() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.leasePool.run() }
            defer { group.cancelAll() }
            try await leases.join()
            group.addTask { try await self.leases.run() }
            group.addTask { try await self.write() }
            do { try await group.next() } catch {
                store.close((error as? EventStoreError)?.code ?? .unavailable)
                await leases.leave()
                throw error
            }
            await leases.leave()
        }
    }

    /// Refuses new events and deliveries; `run()` returns when those that wait are committed.
    package func stop() {
        inbox.close()
        store.close()
    }

    /// The writer threads. Deliveries end with the log, since nobody would turn them into events.
    private func write() async throws {
        let (store, inbox) = (store, inbox)
        let limits = GroupLimits()
        defer {
            store.abandon()
            inbox.abandon()
        }
        try await withTaskCancellationHandler {
            async let deliveries = DedicatedThread.run(name: "log-inbox", refusal: { $0 }) { () throws(ThreadStartError) in
                inbox.write(limits: limits)
            }
            // Also when the other thread cannot be started: what follows waits for this one.
            defer { inbox.close() }
            let reason = try await append(limits)
            inbox.close()
            _ = try await deliveries
            guard let reason else { return await exportCheckpoint() }
            // What was acknowledged is kept outside the database, so that no later start takes what is left for the whole.
            if case .lost = reason.code { await exportCheckpoint() }
            logger.error("the event log stops", metadata: ["reason": "\(reason)"])
            throw reason
        } onCancel: {
            stop()
        }
    }

    /// The threads that append; answers why one of them must write no more. The others then commit what waits with them, and end too.
    private func append(_ limits: GroupLimits) async throws -> EventStoreError? {
        try await withThrowingTaskGroup(of: EventStoreError?.self) { group in
            let store = store
            // Also when a thread cannot be started: the group waits for the others.
            defer { store.close() }
            for writer in 0..<store.writerCount {
                group.addTask {
                    try await DedicatedThread.run(name: "log-writer-\(writer)", refusal: { $0 }) { () throws(ThreadStartError) in
                        store.write(as: writer, limits: limits)
                    }
                }
            }
            var reason: EventStoreError?
            for try await ended in group {
                reason = reason ?? ended
                store.close()
            }
            return reason
        }
    }
}

extension EventLog {
    /// Removes what is of no more use and makes partitions ahead, until cancelled.
    private func maintain() async throws {
        let partitionInterval = Duration.seconds(86_400)
        var nextPartitions = ContinuousClock.now + partitionInterval
        while true {
            try await Task.sleep(for: configuration.sweepInterval)
            await sweep()
            guard ContinuousClock.now >= nextPartitions else { continue }
            nextPartitions = .now + partitionInterval
            await makePartitions()
        }
    }

    /// Exports a checkpoint now, if something was appended since the last one.
    package func exportCheckpoint() async { await exporter?.export() }

    /// Removes what `LogSweep` says. A failure is logged; the next round does what this one could not.
    package func sweep() async {
        do {
            try await LogSweep(pool: pool, keyRetention: configuration.keyRetention, batchRows: configuration.sweepRows).run()
        } catch {
            logger.warning("the event log was not swept", metadata: ["error": "\(error)"])
        }
    }

    /// Looks after callers while a writer thread hangs in a call, until cancelled.
    private func watch() async throws {
        let (limit, looksPerLimit) = (configuration.hangLimit, 10)
        while true {
            try await Task.sleep(for: limit / looksPerLimit)
            let now = ContinuousClock.now
            store.expire(at: now, hangLimit: limit)
            inbox.expire(at: now, hangLimit: limit)
        }
    }

    private func makePartitions() async {
        let configuration = configuration
        do {
            try await DedicatedThread.run(name: "log-partitions", refusal: { $0 }) { () throws in
                try Self.ensurePartitions(BlockingPostgresConnection(configuration: configuration.owner), configuration)
            }
        } catch {
            logger.error("the event log has no new partitions", metadata: ["error": "\(error)"])
        }
    }
}

/// The log was used in a way it is not made for.
package enum EventLogError: Error, Hashable, Sendable, CustomStringConvertible {
    case notPrepared

    package var description: String {
        switch self {
        case .notPrepared: "the event log was started before it was prepared"
        }
    }
}
