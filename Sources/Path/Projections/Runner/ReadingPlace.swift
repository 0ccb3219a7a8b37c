import Vocabulary

/// How far a runner has read, and how far its checkpoints say so: apart while it passes over events that its view has no rows for.
///
/// What was read and not noted is read again after a restart, and passed over again.
struct ReadingPlace {
    /// Events passed over before they are noted: reading them again takes a restart less than a second.
    private static let unnotedLimit: Int64 = 10_000
    /// How long they are passed over before they are noted: another process waits for the view by its checkpoints, and waits two seconds.
    private static let unnotedDuration = Duration.milliseconds(500)

    /// Read, by slice number.
    private(set) var positions: [Int64]
    /// How often parked streams had been taken back when this began.
    let revision: Int32
    /// Streams that are put aside.
    private(set) var parked: Set<StreamID>
    /// What the checkpoints in the database are.
    private var noted: [Int64]
    private var unnotedCount: Int64 = 0
    private var unnotedSince: ContinuousClock.Instant?

    init(_ positions: [Int64], revision: Int32, parked: Set<StreamID>) {
        self.positions = positions
        self.revision = revision
        self.parked = parked
        noted = positions
    }

    /// Goes on over a batch.
    mutating func pass(over batch: LogBatch) {
        batch.advance(&positions)
        unnotedCount += Int64(batch.events.count)
        unnotedSince = unnotedSince ?? .now
    }

    /// Puts a stream aside.
    mutating func park(_ stream: StreamID) { parked.insert(stream) }

    /// Whether the checkpoints must follow although there are no rows to write.
    var isOverdue: Bool { unnotedCount >= Self.unnotedLimit || unnotedSince.map { .now - $0 >= Self.unnotedDuration } ?? false }

    /// Whether the checkpoints say how far was read.
    var isNoted: Bool { unnotedSince == nil }

    /// What moves the checkpoints to where was read.
    var steps: [LogBatch.Step] {
        Slice.all.compactMap { slice in
            let (old, new) = (noted[Int(slice.number)], positions[Int(slice.number)])
            return new > old ? LogBatch.Step(slice: slice, old: old, new: new) : nil
        }
    }

    /// The checkpoints were moved.
    mutating func note() {
        noted = positions
        unnotedCount = 0
        unnotedSince = nil
    }
}
