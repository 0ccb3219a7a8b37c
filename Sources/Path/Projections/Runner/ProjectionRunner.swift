import EventSourcing
import Logging
import PostgresDriver
import Vocabulary

/// Keeps one view up to date: reads the log behind its checkpoints and writes rows and checkpoints in one transaction.
///
/// Several runners of one view, in one process or in many, do no harm: a batch that another one has applied is refused by its checkpoints.
/// An error stops the view, which tries again ever more slowly; an event that can never be applied stops it too, or puts its stream aside.
final class ProjectionRunner: Sendable {
    let projection: any Projection
    let progress = ProjectionProgress()
    private let pool: PostgresPool
    private let feed: LogFeed
    private let slices: [Slice]
    private let ownership: any SliceOwnership
    private let rebuild: ProjectionRebuild
    private let logger: Logger
    private let poisonPolicy: PoisonPolicy
    private let linger: Duration
    private let recheck: Duration
    private let rowsDidChange: @Sendable () -> Void

    /// Pauses between tries of a view that stopped.
    private static let backoff = Duration.milliseconds(100)...Duration.seconds(10)

    /// `slices` are those of the database that `pool` connects to, of which those are followed that this process owns.
    ///
    /// `linger` is how long news are let gather before they are read, unless somebody waits; `recheck` is how often an idle view reads its
    /// checkpoints again; `rowsDidChange` is called after each commit of rows and before anybody who waits for it is told.
    init(
        _ projection: any Projection, pool: PostgresPool, feed: LogFeed, slices: [Slice], ownership: any SliceOwnership,
        rebuild: ProjectionRebuild, logger: Logger, poisonPolicy: PoisonPolicy, linger: Duration, recheck: Duration,
        rowsDidChange: @escaping @Sendable () -> Void = {}
    ) {
        self.projection = projection
        self.pool = pool
        self.feed = feed
        self.slices = slices
        self.ownership = ownership
        self.rebuild = rebuild
        self.logger = logger
        self.poisonPolicy = poisonPolicy
        self.linger = linger
        self.recheck = recheck
        self.rowsDidChange = rowsDidChange
    }

    /// Follows the log until the task is cancelled.
    func run() async {
        var pause = Self.backoff.lowerBound
        while !Task.isCancelled {
            do { try await follow { pause = Self.backoff.lowerBound } } catch {
                if Task.isCancelled { return }
                // Another reader of the same view was faster: its rows are as good as ours.
                if Checkpoints.isMoved(error) { continue }
                report(error, pause)
            }
            // Cut short when the task is cancelled, which ends the loop.
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, Self.backoff.upperBound)
        }
    }

    private func report(_ error: any Error, _ pause: Duration) {
        progress.fail(error)
        logger.error(
            "projection stopped and tries again",
            metadata: ["projection": "\(projection.name.rawValue)", "reason": "\(error)", "pause": "\(pause)"])
    }

    private func follow(didApply: () -> Void) async throws {
        var place = try await loadPlace()
        var loaded = ContinuousClock.now
        while true {
            try Task.checkCancellation()
            progress.beat()
            let wanted = progress.wantedSlices
            let owned = ownership.kept(place.positions)
            let behind = feed.slices(beyond: owned)
            guard !behind.isEmpty else {
                if place.isOverdue { try await commit([], &place) }
                if place.isNoted, .now - loaded >= recheck { (place, loaded) = (try await loadPlace(), .now) }
                await feed.waitForNews(beyond: ownership.kept(place.positions))
                if progress.wantedSlices.isEmpty { try await Task.sleep(for: linger) }
                continue
            }
            let order = behind.sorted { wanted.contains($0) && !wanted.contains($1) }
            let batch = try await LogBatch(of: order, after: place.positions, for: "projection \(projection.name.rawValue)") {
                try await feed.read($0, after: $1, limit: $2)
            }
            // The log's end may be known before a replica can read it.
            guard !batch.isEmpty else {
                try await Task.sleep(for: Self.backoff.lowerBound)
                continue
            }
            try await apply(batch, &place)
            progress.move(to: place.positions, parkedCount: place.parked.count)
            didApply()
        }
    }

    private func apply(_ batch: LogBatch, _ place: inout ReadingPlace) async throws {
        do { try await applyWhole(batch, &place) } catch where poisonPolicy == .parks && Poison.reason(error) != nil {
            // One of them is to blame: each by itself, so that the others take effect.
            for single in batch.singles { try await applyOrPark(single, &place) }
        }
    }

    /// Most of the log says nothing to most views: a commit for each of its batches would cost more than all their rows.
    private func applyWhole(_ batch: LogBatch, _ place: inout ReadingPlace) async throws {
        let events = place.parked.isEmpty ? batch.events : batch.events.filter { !place.parked.contains($0.address.stream) }
        let rows = try await projection.statements(for: events, from: pool)
        var ahead = place
        ahead.pass(over: batch)
        // What is passed over because its stream is put aside is noted at once: whoever takes the stream back relies on the checkpoints.
        if !rows.isEmpty || ahead.isOverdue || events.count < batch.events.count { try await commit(rows, &ahead) }
        place = ahead
    }

    private func applyOrPark(_ single: LogBatch, _ place: inout ReadingPlace) async throws {
        do { try await applyWhole(single, &place) } catch {
            guard let reason = Poison.reason(error), let event = single.events.first else { throw error }
            guard place.parked.count < ParkedStreams.limit else { throw ProjectionError.tooManyParked(projection.name, reason: reason) }
            var ahead = place
            ahead.pass(over: single)
            ahead.park(event.address.stream)
            try await commit([ParkedStreams.insert(event, of: projection.name, reason: reason)], &ahead)
            place = ahead
            logger.error(
                "projection put a stream aside",
                metadata: [
                    "projection": "\(projection.name.rawValue)", "stream": "\(event.address)", "position": "\(event.position)", "reason": "\(reason)",
                ])
        }
    }

    private func commit(_ rows: [PostgresStatement], _ place: inout ReadingPlace) async throws {
        try await Checkpoints(of: projection).commit(rows, over: place.steps, revision: place.revision, to: pool)
        place.note()
        if !rows.isEmpty { rowsDidChange() }
    }

    /// Where to go on, from the database: after an error nothing that was remembered counts.
    private func loadPlace() async throws -> ReadingPlace {
        let checkpoints = Checkpoints(of: projection)
        while true {
            switch try await checkpoints.load(from: pool) {
            case .positions(let positions, let revision):
                // After the checkpoints: a stream that is taken back in between changes their revision, one that is put aside their positions.
                let parked = try await ParkedStreams.load(projection.name, from: pool)
                try await feed.look(for: slices)
                if let beyond = feed.end(before: positions) { throw ProjectionError.aheadOfLog(projection.name, at: "\(beyond)") }
                rowsDidChange()
                progress.move(to: positions, parkedCount: parked.count)
                return ReadingPlace(positions, revision: revision, parked: Set(parked.map(\.stream)))
            case .none: try await checkpoints.create(in: pool)
            case .outdated: try await rebuild.run(projection) { progress.beat() }
            }
        }
    }
}

extension Projection {
    /// Commits a batch's rows and checkpoints together.
    func apply(_ batch: LogBatch, checkpoints: Checkpoints, to pool: PostgresPool, searchPath: String) async throws {
        let rows = try await statements(for: batch.events, from: pool, searchPath: searchPath)
        try await checkpoints.commit(rows, over: batch.steps, revision: 0, to: pool, searchPath: searchPath)
    }

    fileprivate func statements(
        for events: [RecordedEvent], from pool: PostgresPool, searchPath: String? = nil
    ) async throws -> [PostgresStatement] {
        try await checkedStatements(for: events) { try await pool.query($0.sql, $0.parameters, settings: Checkpoints.settings(searchPath)) }
    }
}

extension Checkpoints {
    /// Writes rows and moves the checkpoints in one transaction; nothing is written when a checkpoint is not where a step begins.
    ///
    /// The commit is not waited for on disk: what a crash takes, it takes from rows and checkpoints alike, and the log has it still.
    fileprivate func commit(
        _ rows: [PostgresStatement], over steps: [LogBatch.Step], revision: Int32, to pool: PostgresPool, searchPath: String? = nil
    ) async throws {
        _ = try await pool.queries([advance(over: steps, revision: revision)] + rows, settings: Self.settings(searchPath))
    }

    fileprivate static func settings(_ searchPath: String?) -> [String: String] {
        var settings = ["synchronous_commit": "off"]
        if let searchPath { settings["search_path"] = searchPath }
        return settings
    }
}
