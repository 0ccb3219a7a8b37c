import Synchronization

/// Lets a few at a time do something costly; the others wait in the order in which they came.
final class Turns: Sendable {
    private struct State {
        var free: Int
        var waiting = FIFO<CheckedContinuation<Void, Never>>()
    }

    private let state: Mutex<State>

    /// `limit` is how many may have a turn at once, 1 and up.
    init(limit: Int) { state = Mutex(State(free: limit)) }

    /// How many wait for a turn.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Returns when it is the caller's turn, which lasts until he calls `end`.
    func begin() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.free > 0 else {
                    state.waiting.append(continuation)
                    return false
                }
                state.free -= 1
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    /// Gives the turn to whoever waits longest.
    func end() {
        let next = state.withLock { state in
            let next = state.waiting.popFirst()
            if next == nil { state.free += 1 }
            return next
        }
        next?.resume()
    }
}
