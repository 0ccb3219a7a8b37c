package import EventSourcing
import Glibc
import Synchronization
package import Vocabulary

/// A clock that tests move, and ids that count up.
package final class TestIDs: IDSource {
    private struct State {
        var now: Timestamp
        var counter: UInt128 = 0
    }

    private let state: Mutex<State>

    /// Begins at 2026-03-01T12:00:00Z unless told otherwise.
    package init(now: Timestamp = Timestamp(milliseconds: 1_772_366_400_000)) { state = Mutex(State(now: now)) }

    package func now() -> Timestamp { state.withLock { $0.now } }

    package func random128() -> UInt128 {
        state.withLock { state in
            state.counter += 1
            return state.counter
        }
    }

    /// Moves the clock forward.
    package func advance(by duration: Duration) { state.withLock { $0.now = $0.now + duration } }
}

extension ClosureIDSource {
    /// The machine's clock and random numbers.
    package static let real = ClosureIDSource(
        clock: {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
        }, random: { .random(in: 0 ... .max) })
}
