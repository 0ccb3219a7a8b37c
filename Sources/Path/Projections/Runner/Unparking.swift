import EventSourcing
import PostgresDriver
import Vocabulary

/// What became of streams that were to be taken back.
package struct UnparkReport: Sendable {
    /// They are in the view again, up to where it has read.
    package fileprivate(set) var returned: [ParkedStream] = []
    /// They stay aside, each for the reason that it has now.
    package fileprivate(set) var refused: [(stream: ParkedStream, reason: String)] = []

    static func += (left: inout UnparkReport, right: UnparkReport) {
        left.returned += right.returned
        left.refused += right.refused
    }
}

/// Applies what waits of streams that were put aside, and lets the view follow them again.
struct Unparking: Sendable {
    let projection: any Projection
    let store: any EventStore
    let pool: PostgresPool

    /// One transaction a stream: the view waits for the longest of them, and one that cannot be applied yet keeps none of the others.
    func run() async throws -> UnparkReport {
        var report = UnparkReport()
        for parked in try await ParkedStreams.load(projection.name, from: pool) {
            do {
                try await takeBack(parked)
                report.returned.append(parked)
            } catch {
                guard let reason = Poison.reason(error) else { throw error }
                report.refused.append((parked, reason))
            }
        }
        return report
    }

    /// Holds the checkpoints, so that what the view has read stays fixed; a reader that knows of the stream as parked is refused by the revision.
    private func takeBack(_ parked: ParkedStream) async throws {
        try await pool.withTransaction { transaction in
            let key: [PostgresValue] = [.text(projection.name.rawValue), .int4(projection.version)]
            let rows = try await transaction.query(
                "select slice, pos from checkpoints where projection = $1 and version = $2 order by slice for update", key)
            guard let own = try rows.first(where: { try $0.int2(0) == parked.position.slice.number }) else {
                throw ProjectionError.neverRun(projection.name)
            }
            try await apply(parked, upTo: try own.int8(1), in: transaction)
            _ = try await transaction.queries([
                ParkedStreams.forget(parked),
                PostgresStatement("update checkpoints set revision = revision + 1 where projection = $1 and version = $2", key),
            ])
        }
    }

    private func apply(_ parked: ParkedStream, upTo end: Int64, in transaction: PostgresTransaction) async throws {
        var version = StreamVersion(parked.version.number - 1)
        while true {
            let page = try await store.read(parked.address, after: version, limit: LogBatch.pageLimit)
            let events = page.filter { $0.position.position <= end }
            let statements = try await projection.checkedStatements(for: events) { try await transaction.query($0.sql, $0.parameters) }
            _ = try await transaction.queries(statements)
            guard let last = page.last, page.count == LogBatch.pageLimit, last.position.position < end else { return }
            version = last.version
        }
    }
}
