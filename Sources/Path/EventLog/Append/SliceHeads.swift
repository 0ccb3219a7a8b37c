import EventSourcing
import PostgresDriver
import Vocabulary

/// What the writer knows of all slices it owns: where each ends, and what time the server has.
struct SliceHeads {
    private let epochs: [Slice: Int64]
    /// The end of each slice's chain, as the last answer of the server left it.
    private var links: [Slice: HashChain.Link] = [:]
    /// The server's time in an answer and when the answer was here: never ahead of the server's clock, unless it is set back.
    private var clock: (time: Int64, heard: ContinuousClock.Instant) = (0, .now)

    init(epochs: [Slice: Int64]) { self.epochs = epochs }

    func epoch(of slice: Slice) -> Int64 { epochs[slice, default: 0] }

    /// The ends of all chains that have begun.
    var known: [ChainHeads.Head] { links.map { ChainHeads.Head(slice: $0.key, link: $0.value, epoch: epoch(of: $0.key)) } }

    func link(of slice: Slice) -> HashChain.Link {
        links[slice] ?? HashChain.Link(position: 0, recordedAt: 0, hash: HashChain.beginning)
    }

    /// The time that the slice's next event gets at `now`: the server's, and after that of the event before.
    func nextTime(of slice: Slice, at now: ContinuousClock.Instant) -> Int64 {
        max(clock.time + (now - clock.heard).microseconds, link(of: slice).recordedAt + 1)
    }

    mutating func hear(time: Int64) { clock = (time, .now) }

    mutating func move(_ slice: Slice, to link: HashChain.Link) { links[slice] = link }

    /// Locks all heads, which waits for a call that may still run on a broken connection, and reads where they are.
    ///
    /// Throws `.fenced` when a slice has another epoch, `.corrupt` when one ends before what was known of it.
    mutating func read(_ connection: BlockingPostgresConnection) throws {
        let known = links
        links = try connection.withTransaction {
            let owned = try connection.execute("select slice, epoch from slice_head order by slice for no key update")
            for row in owned {
                guard let slice = Slice(number: try row.int2(0)), epochs[slice] == (try row.int8(1)) else { throw EventStoreError(.fenced) }
            }
            return try readLinks(connection)
        }
        for (slice, before) in known where link(of: slice).position < before.position {
            throw EventStoreError(.corrupt("slice \(slice) went back from position \(before.position) to \(link(of: slice).position)"))
        }
    }

    /// A statement of its own: its snapshot is younger than the locks.
    private mutating func readLinks(_ connection: BlockingPostgresConnection) throws -> [Slice: HashChain.Link] {
        let sql = """
            select head.slice, newest.pos, newest.last_at, clock_timestamp(),
                   (select e.chain_hash from events e where e.slice = head.slice and e.pos = newest.pos limit 1)
            from slice_head head
            cross join lateral (
              select logged.pos, logged.last_at from slice_log logged where logged.slice = head.slice order by logged.pos desc limit 1) newest
            """
        var links: [Slice: HashChain.Link] = [:]
        for row in try connection.execute(sql) {
            guard let slice = Slice(number: try row.int2(0)) else { continue }
            hear(time: try row.timestamp(3))
            let position = try row.int8(1)
            guard position > 0 else { continue }
            guard let hash = try row.optionalBytes(4) else { throw EventStoreError(.corrupt("slice \(slice) lacks its newest entry, \(position)")) }
            links[slice] = HashChain.Link(position: position, recordedAt: try row.timestamp(2), hash: hash)
        }
        return links
    }
}
