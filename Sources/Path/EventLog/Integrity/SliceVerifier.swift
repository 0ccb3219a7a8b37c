import Cryptography
import EventSourcing
import PostgresDriver
import Vocabulary

/// Follows the chain of one slice from its beginning.
struct SliceVerifier {
    /// An entry as far as the chain is concerned.
    struct Entry {
        let position: Int64
        let epoch: Int64
        let recordedAt: Int64
        let digest: [UInt8]
        let hash: [UInt8]
    }

    /// Rows read at once; their bodies are let go of one by one, once the server has sent them all.
    private static let pageRows: Int64 = 250

    private let slice: Slice
    private let connection: BlockingPostgresConnection
    private let checkpoints: [CheckpointHistory.Entry]
    private let hasher = SHA256Hasher()
    private var end = HashChain.Link(position: 0, recordedAt: 0, hash: HashChain.beginning)
    /// How many of the checkpoints' heads have been met.
    private var met = 0

    /// `checkpoints` have growing positions.
    init(_ slice: Slice, _ connection: BlockingPostgresConnection, checkpoints: [CheckpointHistory.Entry]) {
        self.slice = slice
        self.connection = connection
        self.checkpoints = checkpoints
    }

    /// How many entries are as they were written.
    var count: Int64 { end.position }

    /// The first fault of the slice, which must reach `head` at least.
    mutating func run(head: Int64) throws -> LogFault? {
        while true {
            let page = try entries(after: end.position)
            if page.isEmpty { break }
            for (index, entry) in page.enumerated() {
                if let fault = try check(entry, page, index, head: head) { return fault }
            }
        }
        if let checkpoint = checkpoints.dropFirst(met).last {
            return LogFault(
                .truncated, "slice \(slice) ends at position \(count), but checkpoint \(checkpoint.number) has its position \(checkpoint.position)",
                at: slice, count + 1)
        }
        if count < head {
            return LogFault(.truncated, "slice \(slice) ends at position \(count), but its head is \(head)", at: slice, count + 1)
        }
        return try misnumbered()
    }

    private mutating func check(_ entry: Entry, _ page: [Entry], _ index: Int, head: Int64) throws -> LogFault? {
        let next = link(end, entry)
        guard entry.position == next.position, entry.hash == next.hash else {
            // Enough of what follows to say what was done.
            let window = index > 0 ? try entries(after: min(end.position, entry.position - 1)) : page
            let rest = window.filter { $0.position >= entry.position }
            return ChainDiagnosis(slice: slice, before: end, window: rest, hasher: hasher, head: head).fault
        }
        end = next
        while met < checkpoints.count, checkpoints[met].position <= count {
            let checkpoint = checkpoints[met]
            guard checkpoint.position == count, checkpoint.hash == end.hash else { return rewritten(checkpoint) }
            met += 1
        }
        return nil
    }

    private func rewritten(_ checkpoint: CheckpointHistory.Entry) -> LogFault {
        let first = (met > 0 ? checkpoints[met - 1].position : 0) + 1
        let span = first == checkpoint.position ? "at position \(first)" : "from position \(first) to \(checkpoint.position)"
        return LogFault(
            .rewritten, "slice \(slice) is consistent in itself, but not what checkpoint \(checkpoint.number) holds: it was rewritten \(span)",
            at: slice, first)
    }

    private func link(_ before: HashChain.Link, _ entry: Entry) -> HashChain.Link {
        var next = before
        next.append(entry.digest, slice: slice, epoch: entry.epoch, recordedAt: entry.recordedAt, hasher)
        return next
    }

    /// Ordered by position; two may have the same one, in two partitions.
    private func entries(after position: Int64) throws -> [Entry] {
        let sql = """
            select pos, epoch, recorded_at, chain_hash, tenant_id, stream_id, era, event_id, schema, codec, key_id, type, meta, body
            from events where slice = $1 and pos > $2 order by pos limit $3
            """
        return try connection.execute(sql, [.int2(slice.number), .int8(position), .int8(Self.pageRows)]).map { row in
            // The category is part of the type, which is hashed.
            let address = StreamAddress(
                tenant: TenantID(bits: try row.uuid(4)), stream: StreamID(bits: try row.uuid(5)), category: Category(""), era: Era(try row.date(6)))
            let content = HashChain.Content(
                address: address, id: EventID(bits: try row.uuid(7)), schema: try row.int2(8), codec: try row.int2(9),
                key: try row.optionalInt4(10), type: try row.text(11), meta: try row.bytes(12), body: try row.bytes(13))
            return Entry(
                position: try row.int8(0), epoch: try row.int8(1), recordedAt: try row.timestamp(2), digest: content.digest(hasher),
                hash: try row.bytes(3))
        }
    }

    /// An entry whose version is not its rank in its stream.
    private func misnumbered() throws -> LogFault? {
        let sql = """
            select pos from (
              select pos, version, row_number() over stream as rank, lag(pos) over stream as before
              from events where slice = $1 window stream as (partition by stream_id order by version)) ranked
            where version <> rank or before > pos order by pos limit 1
            """
        guard let row = try connection.execute(sql, [.int2(slice.number)]).first else { return nil }
        let position = try row.int8(0)
        return LogFault(.misnumbered, "slice \(slice), position \(position): the version is not the entry's rank in its stream", at: slice, position)
    }
}
