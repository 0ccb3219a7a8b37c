import EventSourcing
import Vocabulary

/// Events that are applied together, and how they move the checkpoints.
struct LogBatch: Sendable {
    /// One slice's part of it.
    struct Step: Sendable {
        let slice: Slice
        let old: Int64
        let new: Int64
    }

    /// Events of a batch: enough to make the commit cheap, few enough that a reader who waits is not kept.
    static let eventLimit = 1000
    /// Bytes of bodies after which nothing more is added.
    static let byteLimit = 8 << 20
    /// Events asked of the log at once: each may bring a body of `Limits.bodyBytes`, and all of a page is in memory.
    static let pageLimit = 100

    /// Events of a batch that nobody waits for: the more of a stream's life are in one, the fewer rows are written twice.
    static let rebuildEventLimit = 10_000

    private(set) var events: [RecordedEvent] = []
    private(set) var steps: [Step] = []
    private var bytes = 0
    private let limit: Int

    /// Reads what follows the positions in these slices until the batch is full; throws `.gap` when positions are not dense.
    init(
        of slices: [Slice], after positions: [Int64], for reader: String, limit: Int = eventLimit,
        read: (Slice, Int64, _ limit: Int) async throws -> [RecordedEvent]
    ) async throws {
        self.limit = limit
        for slice in slices {
            let old = positions[Int(slice.number)]
            var new = old
            while !isFull {
                let page = try await read(slice, new, min(Self.pageLimit, limit - events.count))
                try add(page, of: slice, after: new, for: reader)
                new += Int64(page.count)
                if page.count < Self.pageLimit { break }
            }
            if new > old { steps.append(Step(slice: slice, old: old, new: new)) }
        }
    }

    /// The same events in batches of one.
    var singles: [LogBatch] { events.map(LogBatch.init(single:)) }

    private init(single event: RecordedEvent) {
        limit = 1
        events = [event]
        steps = [Step(slice: event.position.slice, old: event.position.position - 1, new: event.position.position)]
    }

    private var isFull: Bool { events.count >= limit || bytes >= Self.byteLimit }

    private mutating func add(_ page: [RecordedEvent], of slice: Slice, after position: Int64, for reader: String) throws {
        for (offset, event) in page.enumerated() where event.position != LogPosition(slice: slice, position: position + Int64(offset) + 1) {
            throw ProjectionError.gap(reader, after: "\(slice):\(position + Int64(offset))")
        }
        events += page
        bytes += page.reduce(0) { $0 + ($1.form.attachment?.count ?? 0) }
    }

    var isEmpty: Bool { events.isEmpty }

    /// The positions after the batch.
    func advance(_ positions: inout [Int64]) {
        for step in steps { positions[Int(step.slice.number)] = step.new }
    }
}
