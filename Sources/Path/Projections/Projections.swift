package import EventSourcing
package import Logging
package import PostgresDriver

/// All views of the log: their runners, what is read from them, and their rebuild.
///
/// Needs the event log's migration and its own, and pools that run elsewhere. Nothing here is precious: every row can be made again from the log.
package final class Projections: Sendable {
    /// How the views follow the log.
    package struct Configuration: Sendable {
        /// How often the log is looked at when no notice tells of news: from the shortest pause, after something was found so, to the longest.
        package var poll = Duration.milliseconds(50)...Duration.seconds(1)
        /// How long views that nobody waits for let news gather, so that a busy log costs them fewer commits.
        package var linger = Duration.milliseconds(20)
        /// How often a view that has nothing to do looks whether the database still has what it wrote: its commits are not waited for on disk, so a
        /// server that crashed, or a standby that took over, may be without the last of them.
        package var recheck = Duration.seconds(10)
        /// How long a view's loop may not go round before it is called stuck: thirty looks at the log, or three of the longest pauses after an error.
        package var heartbeatLimit = Duration.seconds(30)
        /// Views that put a stream aside whose event they cannot apply; only those may be named whose `poisonPolicy` allows it.
        package var parkingViews = Set(ProjectionName.allCases.filter { $0.poisonPolicy == .parks })

        package init() {}
    }

    /// What ingress, routing and runs look things up in.
    package let catalog: PostgresCatalog
    /// What the API shows.
    package let reads: ReadModels
    let feed: LogFeed
    let rebuilder: ProjectionRebuild
    let runners: [ProjectionName: ProjectionRunner]
    let store: any EventStore
    let pool: PostgresPool
    let heartbeatLimit: Duration
    let ownership: any SliceOwnership
    private let logger: Logger

    /// `pool` connects as `fastn_system`, `reader` as `fastn_reader`.
    ///
    /// This process keeps the rows of the slices that it owns; of the others it reads what their owners keep.
    package init(
        store: any EventStore, pool: PostgresPool, reader: PostgresPool, ownership: any SliceOwnership = SoleOwner(), logger: Logger,
        configuration: Configuration = Configuration()
    ) {
        let catalog = PostgresCatalog(pool: pool)
        let feed = LogFeed(store: store, poll: configuration.poll)
        let rebuilder = ProjectionRebuild(store: store, pool: pool)
        let projections: [any Projection] = [
            CatalogProjection(), ExecutionsProjection(), EventsProjection(), AuditProjection(), UsageProjection(),
        ]
        var runners: [ProjectionName: ProjectionRunner] = [:]
        for projection in projections {
            let isCatalog = projection.name == .catalog
            let mayPark = configuration.parkingViews.contains(projection.name)
            runners[projection.name] = ProjectionRunner(
                projection, pool: pool, feed: feed, ownership: ownership, rebuild: rebuilder, logger: logger,
                poisonPolicy: mayPark ? projection.name.poisonPolicy : .stops, linger: isCatalog ? .zero : configuration.linger,
                recheck: configuration.recheck
            ) { if isCatalog { catalog.invalidate() } }
        }
        self.catalog = catalog
        self.feed = feed
        self.rebuilder = rebuilder
        self.runners = runners
        self.logger = logger
        self.store = store
        self.pool = pool
        self.ownership = ownership
        heartbeatLimit = configuration.heartbeatLimit
        reads = ReadModels(pool: reader)
    }

    /// What the log tells of its commits, so that views need not look for them.
    package var observer: any LogObserver { feed }

    /// Drops what is remembered of events, since somebody's data in it may have been erased.
    package func forgetAll() { feed.forgetAll() }

    /// Follows the log until the task is cancelled; a view that fails tries again and harms no other.
    package func run() async {
        await withDiscardingTaskGroup { group in
            // The catalog first: writers wait for it.
            for name in ProjectionName.allCases {
                guard let runner = runners[name] else { continue }
                group.addTask { await runner.run() }
            }
            group.addTask { await self.feed.run() }
            group.addTask { await self.watch() }
            group.addTask { await self.watchCatalog() }
        }
    }

    /// Builds a view anew from the whole log while the old one is served, then exchanges them. A rebuild that was cut short is continued.
    package func rebuild(_ name: ProjectionName) async throws {
        guard let runner = runners[name] else { return }
        try await rebuilder.run(runner.projection)
        if name == .catalog { catalog.invalidate() }
    }

    /// Forgets what is remembered of the catalog when other nodes have changed it, until the task is cancelled.
    private func watchCatalog() async {
        let interval = Duration.milliseconds(200)
        var seen: Int64?
        while true {
            // Cut short when the task is cancelled, which ends the watch.
            do { try await Task.sleep(for: interval) } catch { return }
            guard ownership.isShared else { continue }
            // A database that does not answer (try?) is asked again; what is remembered of it cannot be newer meanwhile.
            guard let sum = try? await Checkpoints.sum(of: CatalogProjection(), in: pool), sum != seen else { continue }
            seen = sum
            catalog.invalidate()
        }
    }

    /// Warns of views whose loop does not go round, which a failure would say itself: of each minute once, until the task is cancelled.
    private func watch() async {
        let interval = Duration.seconds(60)
        while true {
            // Cut short when the task is cancelled, which ends the watch.
            do { try await Task.sleep(for: interval) } catch { return }
            for view in status where view.state == .stuck {
                logger.warning(
                    "projection stands still",
                    metadata: ["projection": "\(view.name.rawValue)", "lag": "\(view.lag)", "for": "\(view.sinceHeartbeat)"])
            }
        }
    }
}
