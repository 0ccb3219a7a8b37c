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

    private(set) var events: [RecordedEvent] = []
    private(set) var steps: [Step] = []
    private var bytes = 0

    /// Reads what follows the positions in these slices until the batch is full; throws `.gap` when positions are not dense.
    init(
        of slices: [Slice], after positions: [Int64], for name: ProjectionName,
        read: (Slice, Int64, _ limit: Int) async throws -> [RecordedEvent]
    ) async throws {
        for slice in slices {
            let old = positions[Int(slice.number)]
            var new = old
            while !isFull {
                let page = try await read(slice, new, min(Self.pageLimit, Self.eventLimit - events.count))
                try add(page, of: slice, after: new, for: name)
                new += Int64(page.count)
                if page.count < Self.pageLimit { break }
            }
            if new > old { steps.append(Step(slice: slice, old: old, new: new)) }
        }
    }

    private var isFull: Bool { events.count >= Self.eventLimit || bytes >= Self.byteLimit }

    private mutating func add(_ page: [RecordedEvent], of slice: Slice, after position: Int64, for name: ProjectionName) throws {
        for (offset, event) in page.enumerated() where event.position != LogPosition(slice: slice, position: position + Int64(offset) + 1) {
            throw ProjectionError.gap(name, after: "\(slice):\(position + Int64(offset))")
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
