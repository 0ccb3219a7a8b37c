import EventSourcing
import PostgresDriver
package import Vocabulary

/// Events that were acknowledged and that the database does not have: it was restored from an older copy, or a standby that lacked them took over.
package struct LostEvents: Error, Hashable, Sendable, CustomStringConvertible {
    /// A slice whose chain does not hold an end that it had.
    package struct Gap: Hashable, Sendable {
        package let slice: Slice
        /// The position up to which events were acknowledged.
        package let acknowledged: Int64
        /// The last position that earlier checkpoints still hold the slice to: where it ends now, or 0 when other events stand in the place of
        /// those that were acknowledged.
        package let kept: Int64
    }

    /// By slice, at least one.
    package let gaps: [Gap]

    /// How many slices a sentence names; the rest are counted.
    private static let named = 3

    package var description: String {
        let first = gaps.prefix(Self.named).map { gap in
            gap.kept > 0
                ? "slice \(gap.slice) ends at position \(gap.kept), after \(gap.acknowledged) had been acknowledged"
                : "slice \(gap.slice) does not have what was acknowledged up to position \(gap.acknowledged)"
        }
        let rest = gaps.count > Self.named ? ", and \(gaps.count - Self.named) more" : ""
        return "the database lacks acknowledged events: " + first.joined(separator: "; ") + rest
    }

    /// Nil when the database has every one of these ends, entry for entry. Cost: a look into an index for each slice.
    init?(of ends: [(slice: Slice, position: Int64, hash: [UInt8])], in connection: BlockingPostgresConnection) throws(PostgresError) {
        let sql = """
            select known.slice, known.pos,
                   coalesce((select logged.pos from slice_log logged where logged.slice = known.slice order by logged.pos desc limit 1), 0)
            from unnest($1::int2[], $2::int8[], $3::bytea[]) as known(slice, pos, hash)
            where not exists (select from events e where e.slice = known.slice and e.pos = known.pos and e.chain_hash = known.hash)
            order by 1
            """
        var gaps: [Gap] = []
        let parameters: [PostgresValue] = [.int2s(ends.map(\.slice.number)), .int8s(ends.map(\.position)), .bytesList(ends.map(\.hash))]
        for row in try connection.execute(sql, parameters) {
            let (acknowledged, end) = (try row.int8(1), try row.int8(2))
            guard let slice = Slice(number: try row.int2(0)) else { continue }
            gaps.append(Gap(slice: slice, acknowledged: acknowledged, kept: end < acknowledged ? end : 0))
        }
        guard !gaps.isEmpty else { return nil }
        self.gaps = gaps
    }
}
