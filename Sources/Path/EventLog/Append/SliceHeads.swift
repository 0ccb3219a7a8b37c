import EventSourcing
import PostgresDriver
import Vocabulary

/// What a writer knows of the slices it appends to: where each ends, and what time the server has.
struct SliceHeads {
    private struct Head {
        /// The epoch under which it was read.
        var epoch: Int64
        /// The end of the slice's chain, as the last answer of the server left it.
        var link: HashChain.Link
    }

    private var heads: [Slice: Head] = [:]
    /// The server's time in an answer and when the answer was here: never ahead of the server's clock, unless it is set back.
    private var clock: (time: Int64, heard: ContinuousClock.Instant) = (0, .now)

    /// The epoch under which the slice's end is known; nil when it is not.
    func epoch(of slice: Slice) -> Int64? { heads[slice]?.epoch }

    /// The ends of all chains that have begun.
    var known: [ChainHeads.Head] {
        heads.compactMap { $1.link.position > 0 ? ChainHeads.Head(slice: $0, link: $1.link, epoch: $1.epoch) : nil }
    }

    func link(of slice: Slice) -> HashChain.Link {
        heads[slice]?.link ?? HashChain.Link(position: 0, recordedAt: 0, hash: HashChain.beginning)
    }

    /// The time that the slice's next event gets at `now`: the server's, and after that of the event before.
    func nextTime(of slice: Slice, at now: ContinuousClock.Instant) -> Int64 {
        max(clock.time + (now - clock.heard).microseconds, link(of: slice).recordedAt + 1)
    }

    mutating func hear(time: Int64) { clock = (time, .now) }

    mutating func move(_ slice: Slice, to link: HashChain.Link) { heads[slice]?.link = link }

    /// Locks the heads of these slices under their epochs, which waits for a call that may still run on a broken connection, and reads where
    /// they are. Those whose epoch is another one are left out, and forgotten.
    ///
    /// Throws `.corrupt` when a slice ends before what was known of it.
    mutating func read(_ epochs: [Slice: Int64], _ connection: BlockingPostgresConnection) throws {
        let slices = epochs.keys.sorted()
        let rows = try connection.execute(
            "select slice, pos, last_at, clock, chain_hash from read_heads($1, $2)",
            [.int2s(slices.map(\.number)), .int8s(slices.map { epochs[$0, default: 0] })])
        var found: [Slice: Head] = [:]
        for row in rows {
            guard let slice = Slice(number: try row.int2(0)) else { continue }
            hear(time: try row.timestamp(3))
            found[slice] = Head(epoch: epochs[slice, default: 0], link: try Self.link(row, of: slice))
        }
        for slice in slices {
            let before = link(of: slice).position
            if let position = found[slice]?.link.position, position < before {
                throw EventStoreError(.corrupt("slice \(slice) went back from position \(before) to \(position)"))
            }
            heads[slice] = found[slice]
        }
    }

    private static func link(_ row: PostgresRow, of slice: Slice) throws -> HashChain.Link {
        let position = try row.int8(1)
        guard position > 0 else { return HashChain.Link(position: 0, recordedAt: 0, hash: HashChain.beginning) }
        guard let hash = try row.optionalBytes(4) else { throw EventStoreError(.corrupt("slice \(slice) lacks its newest entry, \(position)")) }
        return HashChain.Link(position: position, recordedAt: try row.timestamp(2), hash: hash)
    }
}
