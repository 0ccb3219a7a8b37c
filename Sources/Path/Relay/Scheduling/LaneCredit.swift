import Vocabulary

/// How much of one lane may be out in the bus and not begun: one and a half seconds of what its workers have lately begun.
///
/// What is in the bus cannot be re-ordered any more, so a late urgent job waits behind it; what is too little starves the workers.
struct LaneCredit: Sendable {
    private static let horizonSeconds = 1.5
    private static let window = Duration.seconds(1)

    private let bounds: ClosedRange<Int>
    private var begunInWindow = 0
    private var windowStart: Timestamp?
    private(set) var limit: Int
    private(set) var outstanding = 0

    /// The limit moves within `bounds` and begins at the lower one.
    init(bounds: ClosedRange<Int>) {
        self.bounds = bounds
        limit = bounds.lowerBound
    }

    var isExhausted: Bool { outstanding >= limit }

    mutating func take() { outstanding += 1 }

    /// A job was begun, or is out no more for another reason.
    mutating func giveBack() { outstanding -= 1 }

    /// Counts a beginning, from which the workers' speed is known.
    mutating func began(at now: Timestamp) {
        begunInWindow += 1
        guard let start = windowStart else {
            windowStart = now
            return
        }
        let elapsed = now - start
        guard elapsed >= Self.window else { return }
        let perSecond = Double(begunInWindow) * 1_000_000 / Double(elapsed.microseconds)
        limit = min(max(Int(perSecond * Self.horizonSeconds), bounds.lowerBound), bounds.upperBound)
        begunInWindow = 0
        windowStart = now
    }
}
