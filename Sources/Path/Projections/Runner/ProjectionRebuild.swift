import EventSourcing
import PostgresDriver
import Synchronization
import Vocabulary

/// Builds a view anew from the beginning of the log beside the one that is served, then puts it in its place.
///
/// Every step is a transaction of its own that leaves its trace in the database, so that a rebuild that was cut short goes on where it was.
final class ProjectionRebuild: Sendable {
    private let store: any EventStore
    private let pool: PostgresPool
    private let underWay = Mutex<Set<ProjectionName>>([])

    /// How often the exchange is tried while others hold the tables for reading, each time up to 2 s.
    private static let exchangeAttempts = 30

    /// `pool` connects as `fastn_system`.
    init(store: any EventStore, pool: PostgresPool) {
        self.store = store
        self.pool = pool
    }

    /// Whether this process rebuilds the view right now.
    func isUnderWay(_ name: ProjectionName) -> Bool { underWay.withLock { $0.contains(name) } }

    /// Returns when the new rows are served, streams that were put aside included: an event that cannot be applied ends a rebuild.
    ///
    /// Throws `.beingRebuilt` when somebody else is at it. `didStep` is called after each batch.
    func run(_ projection: any Projection, didStep: () -> Void = {}) async throws {
        guard underWay.withLock({ $0.insert(projection.name).inserted }) else { throw ProjectionError.beingRebuilt(projection.name) }
        defer { underWay.withLock { _ = $0.remove(projection.name) } }
        do {
            let path = try await pool.query("select begin_rebuild($1, $2)", [.text(projection.name.rawValue), .int4(projection.version)])
            guard let searchPath = try path.first?.text(0) else { throw ProjectionError.beingRebuilt(projection.name) }
            try await catchUp(projection, searchPath, didStep)
            try await exchange(projection, searchPath)
        } catch where Checkpoints.isMoved(error) {
            throw ProjectionError.beingRebuilt(projection.name)
        }
    }

    /// Reads until less than a batch is left; what comes next is read and decoded while what was read is written.
    private func catchUp(_ projection: any Projection, _ searchPath: String, _ didStep: () -> Void) async throws {
        let checkpoints = Checkpoints(ofRebuildOf: projection)
        guard case .positions(var positions, _) = try await checkpoints.load(from: pool) else { throw ProjectionError.beingRebuilt(projection.name) }
        var batch = try await nextBatch(after: positions, for: projection)
        while let current = batch {
            try Task.checkCancellation()
            current.advance(&positions)
            let read = positions
            async let next = nextBatch(after: read, for: projection)
            try await projection.apply(current, checkpoints: checkpoints, to: pool, searchPath: searchPath)
            didStep()
            batch = try await next
        }
    }

    /// Nil when less than a batch of live events is left: the exchange reads that.
    private func nextBatch(after positions: [Int64], for projection: any Projection) async throws -> LogBatch? {
        let behind = try await store.heads().filter { $0.value > positions[Int($0.key.number)] }
        let lag = behind.reduce(0) { $0 + $1.value - positions[Int($1.key.number)] }
        guard lag >= LogBatch.eventLimit else { return nil }
        return try await batch(of: behind.keys.sorted(), after: positions, for: projection.name, limit: LogBatch.rebuildEventLimit)
    }

    private func batch(
        of slices: [Slice], after positions: [Int64], for name: ProjectionName, limit: Int = LogBatch.eventLimit
    ) async throws -> LogBatch {
        try await LogBatch(of: slices, after: positions, for: "projection \(name.rawValue)", limit: limit) {
            try await store.read($0, after: $1, limit: $2)
        }
    }

    private func exchange(_ projection: any Projection, _ searchPath: String) async throws {
        for attempt in 1...Self.exchangeAttempts {
            do { return try await exchangeOnce(projection, searchPath) } catch let error as PostgresError
                where ["55P03", "40P01"].contains(error.sqlState) && attempt < Self.exchangeAttempts
            {
                // Somebody reads for long. The locks are given back, so that the view goes on meanwhile.
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    /// Holds the live view at its place, brings the new one at least as far, and lets them change places: no reader sees the view go back.
    private func exchangeOnce(_ projection: any Projection, _ searchPath: String) async throws {
        let checkpoints = Checkpoints(ofRebuildOf: projection)
        try await pool.withTransaction(settings: ["search_path": searchPath]) { transaction in
            let rows = try await transaction.query(
                "select projection, slice, pos from checkpoints where projection = any($1) order by projection, slice for update",
                [.texts([projection.name.rawValue, checkpoints.key])])
            // A live view that is ahead of a restored log is repaired by this too: the new one can only reach the log's end.
            let heads = try await store.heads()
            let live = try Self.positions(in: rows, of: projection.name.rawValue) ?? [Int64](repeating: 0, count: Slice.count)
            guard var built = try Self.positions(in: rows, of: checkpoints.key) else { throw ProjectionError.beingRebuilt(projection.name) }
            func isBehind(_ slice: Slice) -> Bool { built[Int(slice.number)] < min(live[Int(slice.number)], heads[slice] ?? 0) }
            while case let behind = Slice.all.filter(isBehind), !behind.isEmpty {
                let batch = try await batch(of: behind, after: built, for: projection.name)
                let statements = try await projection.checkedStatements(for: batch.events) { try await transaction.query($0.sql, $0.parameters) }
                _ = try await transaction.queries([checkpoints.advance(over: batch.steps, revision: 0)] + statements)
                batch.advance(&built)
            }
            _ = try await transaction.queries([
                ParkedStreams.forgetAll(of: projection.name), PostgresStatement("select finish_rebuild($1)", [.text(projection.name.rawValue)]),
            ])
        }
    }

    /// By slice number; nil when there are none under that key.
    private static func positions(in rows: PostgresRows, of key: String) throws -> [Int64]? {
        var positions: [Int64]?
        for row in rows where try row.text(0) == key {
            positions = positions ?? [Int64](repeating: 0, count: Slice.count)
            positions?[Int(try row.int2(1))] = try row.int8(2)
        }
        return positions
    }
}
