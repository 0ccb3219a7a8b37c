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
    /// Bytes of bodies after which no further slice is added.
    static let byteLimit = 8 << 20

    private(set) var events: [RecordedEvent] = []
    private(set) var steps: [Step] = []

    /// Reads what follows the positions in these slices until the batch is full; throws `.gap` when positions are not dense.
    init(
        of slices: [Slice], after positions: [Int64], for name: ProjectionName,
        read: (Slice, Int64, _ limit: Int) async throws -> [RecordedEvent]
    ) async throws {
        var bytes = 0
        for slice in slices where events.count < Self.eventLimit && bytes < Self.byteLimit {
            let old = positions[Int(slice.number)]
            let page = try await read(slice, old, Self.eventLimit - events.count)
            guard !page.isEmpty else { continue }
            for (offset, event) in page.enumerated() where event.position != LogPosition(slice: slice, position: old + Int64(offset) + 1) {
                throw ProjectionError.gap(name, after: "\(slice):\(old + Int64(offset))")
            }
            events += page
            steps.append(Step(slice: slice, old: old, new: old + Int64(page.count)))
            bytes += page.reduce(0) { $0 + ($1.form.attachment?.count ?? 0) }
        }
    }

    var isEmpty: Bool { events.isEmpty }

    /// The positions after the batch.
    func advance(_ positions: inout [Int64]) {
        for step in steps { positions[Int(step.slice.number)] = step.new }
    }
}
