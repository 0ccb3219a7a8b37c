import Vocabulary

/// How far a runner has read, and how far its checkpoints say so: apart while it passes over events that its view has no rows for.
///
/// What was read and not noted is read again after a restart, and passed over again.
struct ReadingPlace {
    /// Events passed over before they are noted: reading them again takes a restart less than a second.
    private static let unnotedLimit: Int64 = 10_000

    /// Read, by slice number.
    private(set) var positions: [Int64]
    /// What the checkpoints in the database are.
    private var noted: [Int64]
    private var unnotedCount: Int64 = 0

    init(_ positions: [Int64]) {
        self.positions = positions
        noted = positions
    }

    /// Goes on over a batch; answers whether the checkpoints must follow although there are no rows to write.
    mutating func pass(over batch: LogBatch) -> Bool {
        batch.advance(&positions)
        unnotedCount += Int64(batch.events.count)
        return unnotedCount >= Self.unnotedLimit
    }

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
    }
}
