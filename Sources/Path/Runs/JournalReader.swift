import Domain
import Vocabulary

/// Answers a running workflow from its journal, in the recorded order: pure, no I/O.
///
/// Two numberings make a replay exact. A call has an index, taken when the code makes it; completions have the order in which
/// the code learned of them. As long as recorded completions of calls that were made are left they alone decide what the code sees next.
struct JournalReader {
    /// What a call that the code makes means.
    enum Verdict: Equatable {
        /// The journal has its outcome; it is delivered when its turn comes.
        case recorded
        /// The call may have been made before a crash; it is made again under the same idempotency key.
        case scheduled
        /// The journal knows nothing of it.
        case live
        /// The journal has another call under this index.
        case mismatch(RunCall)
    }

    /// What to do when the code waits.
    enum Turn: Equatable {
        case deliver(Int, CallResult)
        /// The journal is used up; only live completions are left.
        case live
        /// The next recorded completion belongs to a call that the code did not make.
        case missing(RunCall)
    }

    private let entries: [Int: JournalEntry]
    private let deliveries: [Int]
    /// From this index on the code may take another way: an earlier attempt failed here.
    private let divergesFrom: Int
    private var made: Set<Int> = []
    /// Deliveries before this position have had their turn.
    private var position = 0
    /// Where completions stand that had their turn before the code made their calls; it may still make them.
    private var passedOver: [Int: Int] = [:]
    /// Positions of those whose calls were made meanwhile, in order.
    private var late: [Int] = []

    init(_ run: Run) {
        entries = run.calls
        deliveries = run.deliveries
        divergesFrom = run.divergesFrom ?? Int.max
    }

    mutating func meet(_ call: RunCall) -> Verdict {
        guard let entry = entries[call.index] else { return .live }
        guard entry.call.isSame(as: call) else { return call.index >= divergesFrom ? .live : .mismatch(entry.call) }
        made.insert(call.index)
        guard entry.result != nil else { return .scheduled }
        if let place = passedOver.removeValue(forKey: call.index) { late.insert(place, at: late.firstIndex { $0 > place } ?? late.endIndex) }
        return .recorded
    }

    mutating func next() -> Turn {
        if !late.isEmpty, let turn = completion(at: late.removeFirst()) { return turn }
        while position < deliveries.count {
            let index = deliveries[position]
            let wasMade = made.contains(index)
            if !wasMade, index < divergesFrom, let entry = entries[index] { return .missing(entry.call) }
            // Behind a call that failed the code goes on with another outcome, which may still lead it to this call.
            if !wasMade { passedOver[index] = position }
            position += 1
            if wasMade, let turn = completion(at: position - 1) { return turn }
        }
        return .live
    }

    private func completion(at place: Int) -> Turn? {
        let index = deliveries[place]
        return entries[index]?.result.map { .deliver(index, $0) }
    }
}

extension RunCall {
    /// Whether it is the same call of the same thing with the same arguments.
    func isSame(as other: RunCall) -> Bool {
        operation == other.operation && connector == other.connector && action == other.action && connection == other.connection
            && input == other.input
    }

    /// The call in words, for a person who compares two.
    var summary: String {
        let name = connector.map { "\($0).\(action ?? "?")" } ?? operation
        return "call \(index): \(name) \(input.count > 200 ? String(input.prefix(200)) + "…" : input)"
    }
}
