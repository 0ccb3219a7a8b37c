package import EventSourcing
package import Logging
package import PostgresDriver
package import Vocabulary

/// All views of the log: their runners, what is read from them, and their rebuild.
///
/// Needs the event log's migration and its own, and pools that run elsewhere. Nothing here is precious: every row can be made again from the log.
package final class Projections: Sendable {
    /// A database that has a log, and views of it.
    package struct Database: Sendable {
        let region: Region
        let store: any EventStore
        let pool: PostgresPool
        let reader: PostgresPool

        /// `pool` connects as `fastn_system`, `reader` as `fastn_reader`.
        package init(region: Region = .main, store: any EventStore, pool: PostgresPool, reader: PostgresPool) {
            self.region = region
            self.store = store
            self.pool = pool
            self.reader = reader
        }
    }

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
    let databases: BySlice<DatabaseViews>
    let heartbeatLimit: Duration
    private let logger: Logger

    /// This process keeps the rows of the slices that it owns; of the others it reads what their owners keep.
    package init(
        _ databases: BySlice<Database>, ownership: any SliceOwnership = SoleOwner(), logger: Logger,
        configuration: Configuration = Configuration()
    ) {
        let catalog = PostgresCatalog(pools: databases.map { $0.pool })
        let feed = LogFeed(stores: databases.map { $0.store }, poll: configuration.poll)
        self.databases = databases.map { database, slices in
            DatabaseViews(
                database, slices: slices, feed: feed, catalog: catalog, ownership: ownership, logger: logger, configuration: configuration)
        }
        self.catalog = catalog
        self.feed = feed
        self.logger = logger
        heartbeatLimit = configuration.heartbeatLimit
        reads = ReadModels(pools: databases.map { $0.reader }, regions: databases.map { $0.region })
    }

    /// The views of one database that has all slices.
    package convenience init(
        store: any EventStore, pool: PostgresPool, reader: PostgresPool, ownership: any SliceOwnership = SoleOwner(), logger: Logger,
        configuration: Configuration = Configuration()
    ) {
        self.init(
            BySlice(Database(store: store, pool: pool, reader: reader)), ownership: ownership, logger: logger, configuration: configuration)
    }

    /// What the log tells of its commits, so that views need not look for them.
    package var observer: any LogObserver { feed }

    /// Drops what is remembered of events, since somebody's data in it may have been erased.
    package func forgetAll() { feed.forgetAll() }

    /// Follows the log until the task is cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for views in databases.all { group.addTask { await views.run() } }
            group.addTask { await self.feed.run() }
            group.addTask { await self.watch() }
        }
    }

    /// Builds a view anew from the whole log while the old one is served, one database after another.
    package func rebuild(_ name: ProjectionName) async throws {
        for views in databases.all { try await views.rebuild(name) }
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
