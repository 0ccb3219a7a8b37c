package import EventSourcing
import PostgresDriver
package import Vocabulary

/// What operators see of the views and do to them.
extension Projections {
    /// How each view stands in this process, in the order of `ProjectionName`. Asks nobody, so that it answers whatever is broken.
    package var status: [ProjectionStatus] {
        ProjectionName.allCases.compactMap { name in
            ProjectionStatus(joining: databases.all.compactMap { $0.status(of: name, heartbeatLimit: heartbeatLimit) })
        }
    }

    /// When the oldest event was recorded that is not in the view, in the databases that answer; nil when all are.
    ///
    /// Cost: one read for each slice that the view lags in.
    package func oldestUnprocessed(of name: ProjectionName) async throws(EventStoreError) -> Timestamp? {
        try await databases.gather { views throws(EventStoreError) in try await views.oldestUnprocessed(of: name).map { [$0] } ?? [] }.min()
    }

    /// Every stream that a view has put aside, at most `ParkedStreams.limit` of each in each database that answers.
    package func parkedStreams() async throws(EventStoreError) -> [ParkedStream] {
        try await databases.gather { views throws(EventStoreError) in
            var parked: [ParkedStream] = []
            do { for name in ProjectionName.allCases { parked += try await ParkedStreams.load(name, from: views.pool) } } catch {
                throw EventStoreError(.unavailable)
            }
            return parked
        }
    }

    /// Applies what waits of the streams that a view has put aside, and follows them again, as far as they can be applied now.
    ///
    /// Works beside a running server, in this process or another.
    package func unpark(_ name: ProjectionName) async throws -> UnparkReport {
        var report = UnparkReport()
        for views in databases.all {
            guard let runner = views.runners[name] else { continue }
            report += try await Unparking(projection: runner.projection, store: views.store, pool: views.pool).run()
        }
        return report
    }
}

extension DatabaseViews {
    fileprivate func status(of name: ProjectionName, heartbeatLimit: Duration) -> ProjectionStatus? {
        guard let progress = runners[name]?.progress else { return nil }
        let (lag, silence) = (feed.lag(behind: ownership.kept(progress.positions)), .now - progress.heartbeat)
        return ProjectionStatus(
            name: name, state: state(of: name, progress, lag, isStuck: silence > heartbeatLimit), lag: lag, sinceHeartbeat: silence,
            failure: progress.failure.map { region == .main ? $0 : "region \(region): \($0)" }, parkedCount: progress.parkedCount)
    }

    private func state(of name: ProjectionName, _ progress: ProjectionProgress, _ lag: Int64, isStuck: Bool) -> ProjectionState {
        if rebuilder.isUnderWay(name), !progress.hasBegun { return .rebuilding }
        if isStuck { return .stuck }
        if progress.failure != nil { return .stopped }
        if !progress.hasBegun { return .starting }
        return lag == 0 ? .following : .catchingUp
    }

    fileprivate func oldestUnprocessed(of name: ProjectionName) async throws(EventStoreError) -> Timestamp? {
        guard let positions = (runners[name]?.progress.positions).map(ownership.kept) else { return nil }
        var oldest: Timestamp?
        for slice in feed.slices(beyond: positions) {
            guard let next = try await store.read(slice, after: positions[Int(slice.number)], limit: 1).first else { continue }
            oldest = min(oldest ?? next.recordedAt, next.recordedAt)
        }
        return oldest
    }
}

/// How one view stands.
package struct ProjectionStatus: Hashable, Sendable {
    package let name: ProjectionName
    package let state: ProjectionState
    /// Events in the log that are not in the view yet.
    package let lag: Int64
    /// How long its loop has not gone round, whether there was work or not.
    package let sinceHeartbeat: Duration
    /// Why it stands still; nil when it does not. Safe for operators.
    package let failure: String?
    /// Streams that it has put aside.
    package let parkedCount: Int
}

extension ProjectionStatus {
    /// One view in several databases: as it stands where it stands worst. Nil for none.
    fileprivate init?(joining parts: [ProjectionStatus]) {
        guard let worst = parts.max(by: { $0.state.severity < $1.state.severity }) else { return nil }
        self.init(
            name: worst.name, state: worst.state, lag: parts.reduce(0) { $0 + $1.lag },
            sinceHeartbeat: parts.map(\.sinceHeartbeat).max() ?? worst.sinceHeartbeat, failure: parts.lazy.compactMap(\.failure).first,
            parkedCount: parts.reduce(0) { $0 + $1.parkedCount })
    }
}

/// What a view is doing.
package enum ProjectionState: String, Sendable, CaseIterable {
    /// It has not read its checkpoints yet.
    case starting
    /// It has all there is.
    case following
    case catchingUp = "catching_up"
    /// A new version of it is built, and the old one is not followed meanwhile.
    case rebuilding
    /// An error keeps it where it is; it tries again by itself.
    case stopped
    /// Its loop does not go round.
    case stuck

    /// Whether nobody needs to look: a view that lags is at work.
    package var isHealthy: Bool {
        switch self {
        case .starting, .following, .catchingUp, .rebuilding: true
        case .stopped, .stuck: false
        }
    }

    /// How much somebody needs to look, the least first.
    fileprivate var severity: Int {
        switch self {
        case .following: 0
        case .catchingUp: 1
        case .starting: 2
        case .rebuilding: 3
        case .stopped: 4
        case .stuck: 5
        }
    }
}
