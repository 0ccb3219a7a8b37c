import EventSourcing
import PostgresDriver
import Synchronization
import Vocabulary

/// Where the chains of all slices end, as the writer knows them; handed from its thread to whoever exports them.
final class ChainHeads: Sendable {
    struct Head: Sendable {
        let slice: Slice
        let link: HashChain.Link
        let epoch: Int64
    }

    /// Where the chains end in the database: of every slice that has begun.
    static func stored(in connection: BlockingPostgresConnection) throws(PostgresError) -> [Head] {
        let sql = """
            select head.slice, head.epoch, newest.pos, newest.recorded_at, newest.chain_hash
            from slice_head head
            cross join lateral (
              select e.pos, e.recorded_at, e.chain_hash from events e where e.slice = head.slice order by e.pos desc limit 1) newest
            order by 1
            """
        var heads: [Head] = []
        for row in try connection.execute(sql) {
            guard let slice = Slice(number: try row.int2(0)) else { continue }
            let link = HashChain.Link(position: try row.int8(2), recordedAt: try row.timestamp(3), hash: try row.bytes(4))
            heads.append(Head(slice: slice, link: link, epoch: try row.int8(1)))
        }
        return heads
    }

    private struct State {
        var heads: [Slice: Head] = [:]
        var hasMoved = false
    }

    private let state = Mutex(State())

    func move(_ heads: [Head]) {
        guard !heads.isEmpty else { return }
        state.withLock { state in
            for head in heads { state.heads[head.slice] = head }
            state.hasMoved = true
        }
    }

    /// All heads by slice, if one has moved since the last call.
    func takeMoved() -> [Head]? {
        state.withLock { state in
            guard state.hasMoved else { return nil }
            state.hasMoved = false
            return state.heads.values.sorted { $0.slice < $1.slice }
        }
    }

    /// All heads: of each the newest entry that is acknowledged.
    var known: [Head] { state.withLock { Array($0.heads.values) } }

    /// What was taken could not be used: it counts as moved again.
    func putBack() { state.withLock { $0.hasMoved = true } }
}
