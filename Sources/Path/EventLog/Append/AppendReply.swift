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
        case repeated = 9
    }

    let codes: [Code]
    private let positions: [Int64?]
    private let versions: [Int32?]
    private let times: [Int64?]

    init(_ rows: PostgresRows, batchCount: Int) throws {
        guard let row = rows.first else { throw EventStoreError(.corrupt("append_events answered nothing")) }
        let numbers = try row.int4s(0)
        codes = numbers.compactMap(Code.init(rawValue:))
        positions = try row.optionalInt8s(1)
        versions = try row.optionalInt4s(2)
        times = try row.optionalTimestamps(3)
        guard codes.count == batchCount, positions.count == batchCount, versions.count == batchCount, times.count == batchCount else {
            throw EventStoreError(.corrupt("append_events answered \(numbers) for \(batchCount) batches"))
        }
    }

    /// The place of a batch's first event; nil when nothing of it is stored.
    func receipt(_ index: Int, slice: Slice) -> AppendReceipt? {
        guard let position = positions[index], let version = versions[index], let time = times[index] else { return nil }
        return AppendReceipt(
            first: LogPosition(slice: slice, position: position), version: StreamVersion(version), recordedAt: Timestamp(microseconds: time))
    }

    /// The stream's version after a conflict.
    func version(_ index: Int) -> StreamVersion { StreamVersion(versions[index] ?? 0) }
}
