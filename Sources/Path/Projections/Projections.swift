package import EventSourcing
package import Logging
package import PostgresDriver
package import Vocabulary

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

        package init() {}
    }

    /// What ingress, routing and runs look things up in.
    package let catalog: PostgresCatalog
    /// What the API shows.
    package let reads: ReadModels
    private let feed: LogFeed
    private let rebuilder: ProjectionRebuild
    private let runners: [ProjectionName: ProjectionRunner]
    private let logger: Logger

    /// `pool` connects as `fastn_system`, `reader` as `fastn_reader`.
    package init(store: any EventStore, pool: PostgresPool, reader: PostgresPool, logger: Logger, configuration: Configuration = Configuration()) {
        let catalog = PostgresCatalog(pool: pool)
        let feed = LogFeed(store: store, poll: configuration.poll)
        let rebuilder = ProjectionRebuild(store: store, pool: pool)
        let projections: [any Projection] = [
            CatalogProjection(), ExecutionsProjection(), EventsProjection(), AuditProjection(), UsageProjection(),
        ]
        var runners: [ProjectionName: ProjectionRunner] = [:]
        for projection in projections {
            let isCatalog = projection.name == .catalog
            runners[projection.name] = ProjectionRunner(
                projection, pool: pool, feed: feed, rebuild: rebuilder, logger: logger, linger: isCatalog ? .zero : configuration.linger
            ) { if isCatalog { catalog.invalidate() } }
        }
        self.catalog = catalog
        self.feed = feed
        self.rebuilder = rebuilder
        self.runners = runners
        self.logger = logger
        reads = ReadModels(pool: reader)
    }

    /// What the log tells of its commits, so that views need not look for them.
    package var observer: any LogObserver { feed }

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
        }
    }

    /// Waits until what happened up to `position` is in the views named; false when that takes longer than `timeout`.
    package func wait(for position: LogPosition, in names: [ProjectionName] = [.catalog], timeout: Duration = .seconds(2)) async -> Bool {
        let progresses = names.compactMap { runners[$0]?.progress }
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for progress in progresses where await !progress.reach(position) { return false }
                return true
            }
            group.addTask {
                // Cut short when the rows are there first, which is no failure.
                try? await Task.sleep(for: timeout)
                return false
            }
            let isReached = await group.next() ?? false
            group.cancelAll()
            return isReached
        }
    }

    /// Builds a view anew from the whole log while the old one is served, then exchanges them. A rebuild that was cut short is continued.
    package func rebuild(_ name: ProjectionName) async throws {
        guard let runner = runners[name] else { return }
        try await rebuilder.run(runner.projection)
        if name == .catalog { catalog.invalidate() }
    }

    /// Warns of views that stand still without a failure, which would say so itself: of each minute once, until the task is cancelled.
    private func watch() async {
        let interval = Duration.seconds(60)
        while true {
            // Cut short when the task is cancelled, which ends the watch.
            do { try await Task.sleep(for: interval) } catch { return }
            for view in status where view.standsStill {
                logger.warning(
                    "projection stands still",
                    metadata: ["projection": "\(view.name.rawValue)", "lag": "\(view.lag)", "for": "\(view.sinceHeartbeat)"])
            }
        }
    }

    /// How each view stands, in the order of `ProjectionName`.
    package var status: [ProjectionStatus] {
        ProjectionName.allCases.compactMap { name in
            guard let progress = runners[name]?.progress else { return nil }
            return ProjectionStatus(
                name: name, lag: feed.lag(behind: progress.positions), sinceHeartbeat: .now - progress.heartbeat, failure: progress.failure)
        }
    }
}

/// How one view stands.
package struct ProjectionStatus: Hashable, Sendable {
    package let name: ProjectionName
    /// Events in the log that are not in the view yet.
    package let lag: Int64
    /// How long its loop has not gone round.
    package let sinceHeartbeat: Duration
    /// Why it stands still; nil when it does not. Safe for operators.
    package let failure: String?

    /// Whether there is work and the view does none of it: a batch takes seconds at most.
    package var standsStill: Bool { lag > 0 && sinceHeartbeat > .seconds(30) }
}
