import EventSourcing
import Logging
import PostgresDriver
import Vocabulary

/// The views of one database: they lie beside the log that they are made from.
final class DatabaseViews: Sendable {
    let region: Region
    let store: any EventStore
    let pool: PostgresPool
    let runners: [ProjectionName: ProjectionRunner]
    let rebuilder: ProjectionRebuild
    let feed: LogFeed
    let catalog: PostgresCatalog
    /// What this process keeps of the views.
    let ownership: any SliceOwnership
    private let slices: [Slice]
    private let whole: any SliceOwnership

    init(
        _ database: Projections.Database, slices: [Slice], feed: LogFeed, catalog: PostgresCatalog, ownership whole: any SliceOwnership,
        logger: Logger, configuration: Projections.Configuration
    ) {
        let ownership = PartialOwnership(whole, of: slices)
        var logger = logger
        if database.region != .main { logger[metadataKey: "region"] = "\(database.region)" }
        let rebuilder = ProjectionRebuild(store: database.store, pool: database.pool)
        let projections: [any Projection] = [
            CatalogProjection(), ExecutionsProjection(), EventsProjection(), AuditProjection(), UsageProjection(),
        ]
        var runners: [ProjectionName: ProjectionRunner] = [:]
        for projection in projections {
            let isCatalog = projection.name == .catalog
            let mayPark = configuration.parkingViews.contains(projection.name)
            runners[projection.name] = ProjectionRunner(
                projection, pool: database.pool, feed: feed, slices: slices, ownership: ownership, rebuild: rebuilder, logger: logger,
                poisonPolicy: mayPark ? projection.name.poisonPolicy : .stops, linger: isCatalog ? .zero : configuration.linger,
                recheck: configuration.recheck
            ) { if isCatalog { catalog.invalidate() } }
        }
        region = database.region
        store = database.store
        pool = database.pool
        self.runners = runners
        self.rebuilder = rebuilder
        self.feed = feed
        self.catalog = catalog
        self.ownership = ownership
        self.slices = slices
        self.whole = whole
    }

    /// Follows the log until the task is cancelled; a view that fails tries again and harms no other.
    func run() async {
        await withDiscardingTaskGroup { group in
            // The catalog first: writers wait for it.
            for name in ProjectionName.allCases {
                guard let runner = runners[name] else { continue }
                group.addTask { await runner.run() }
            }
            group.addTask { await self.watchCatalog() }
        }
    }

    /// Builds a view anew from the whole log while the old one is served, then exchanges them. A rebuild that was cut short is continued.
    func rebuild(_ name: ProjectionName) async throws {
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
            guard !slices.allSatisfy(whole.holds) else { continue }
            // A database that does not answer (try?) is asked again; what is remembered of it cannot be newer meanwhile.
            guard let sum = try? await Checkpoints.sum(of: CatalogProjection(), in: pool), sum != seen else { continue }
            seen = sum
            catalog.invalidate()
        }
    }
}
