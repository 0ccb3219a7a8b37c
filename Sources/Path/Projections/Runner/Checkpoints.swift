import PostgresDriver
import Vocabulary

/// Where a projection, or its rebuild, has read to: a position for each slice, in the database of its rows.
struct Checkpoints: Sendable {
    /// What the database has of a projection.
    enum Stored: Sendable {
        /// Nothing was ever read.
        case none
        /// By slice number; `revision` counts how often parked streams were taken back.
        case positions([Int64], revision: Int32)
        /// The rows were made by another version of the fold.
        case outdated
    }

    /// The key of the rows: a projection's name, or that of its rebuild.
    let key: String
    let version: Int32

    init(of projection: any Projection) {
        key = projection.name.rawValue
        version = projection.version
    }

    /// Those of the tables that are built beside the live ones.
    init(ofRebuildOf projection: any Projection) {
        key = "\(projection.name.rawValue).rebuild"
        version = projection.version
    }

    func load(from pool: PostgresPool) async throws -> Stored {
        let rows = try await pool.query("select version, slice, pos, revision from checkpoints where projection = $1", [.text(key)])
        guard !rows.isEmpty else { return .none }
        var positions = [Int64](repeating: 0, count: Slice.count)
        var revision: Int32?
        for row in rows where try row.int4(0) == version {
            revision = try row.int4(3)
            positions[Int(try row.int2(1))] = try row.int8(2)
        }
        return revision.map { .positions(positions, revision: $0) } ?? .outdated
    }

    /// All positions of a projection together: it grows when anybody has written rows.
    static func sum(of projection: any Projection, in pool: PostgresPool) async throws -> Int64 {
        let own = Checkpoints(of: projection)
        let rows = try await pool.query(
            "select coalesce(sum(pos), 0)::int8 from checkpoints where projection = $1 and version = $2", [.text(own.key), .int4(own.version)])
        return try rows.first?.int8(0) ?? 0
    }

    /// Makes the rows of a projection that has read nothing; harmless when they are there.
    func create(in pool: PostgresPool) async throws {
        _ = try await pool.query(
            """
            insert into checkpoints (projection, version, slice, pos, updated_at)
            select $1, $2, slice, 0, clock_timestamp() from generate_series(0, 255) as slice on conflict do nothing
            """, [.text(key), .int4(version)])
    }

    /// The statement that moves them with a batch, and fails as `isMoved` says when they are not where they were read.
    func advance(over steps: [LogBatch.Step], revision: Int32) -> PostgresStatement {
        PostgresStatement(
            "select advance_checkpoints($1, $2, $3, $4, $5, $6)",
            [
                .text(key), .int4(version), .int4(revision), .int2s(steps.map(\.slice.number)), .int8s(steps.map(\.old)), .int8s(steps.map(\.new)),
            ])
    }

    /// Whether an error says that another reader moved a checkpoint, so that nothing was written.
    static func isMoved(_ error: any Error) -> Bool { (error as? PostgresError)?.sqlState == "FN001" }
}
