import EventSourcing
import PostgresDriver
import Vocabulary

/// What `append_events` answers, by batch in the order they were sent.
struct AppendReply {
    /// The codes as the function documents them.
    enum Code: Int32 {
        case appended = 0
        case already = 1
        case fenced = 2
        case moved = 3
        case conflict = 4
        case taken = 5
        case partly = 6
        case foreign = 7
        case shifted = 8
        case repeated = 9
        case late = 10
    }

    let codes: [Code]
    /// Empty when nothing was looked for.
    private let found: (positions: [Int64?], versions: [Int32?], times: [Int64?])
    private let versionsBefore: [Int32]
    /// The server's time while it answered, microseconds since 1970.
    let clock: Int64

    init(_ rows: PostgresRows, batchCount: Int) throws {
        guard let row = rows.first else { throw EventStoreError(.corrupt("append_events answered nothing")) }
        let numbers = try row.int4s(0)
        codes = numbers.compactMap(Code.init(rawValue:))
        found = (try row.optionalInt8s(1), try row.optionalInt4s(2), try row.optionalTimestamps(3))
        versionsBefore = try row.int4s(4)
        clock = try row.timestamp(5)
        let foundCounts = [found.positions.count, found.versions.count, found.times.count]
        guard codes.count == batchCount, versionsBefore.count == batchCount, foundCounts.allSatisfy({ [0, batchCount].contains($0) }) else {
            throw EventStoreError(.corrupt("append_events answered \(numbers) for \(batchCount) batches"))
        }
    }

    /// The place of the first event of a batch that was stored before; nil when nothing of it is.
    func found(_ index: Int, slice: Slice) -> AppendReceipt? {
        guard !found.positions.isEmpty, let position = found.positions[index], let version = found.versions[index], let time = found.times[index]
        else { return nil }
        return AppendReceipt(
            first: LogPosition(slice: slice, position: position), version: StreamVersion(version), recordedAt: Timestamp(microseconds: time))
    }

    /// The stream's version before the batch.
    func versionBefore(_ index: Int) -> StreamVersion { StreamVersion(versionsBefore[index]) }
}
