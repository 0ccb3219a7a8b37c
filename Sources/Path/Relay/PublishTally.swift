import EventSourcing
import NATSDriver
import Synchronization

/// Collects the answers to one batch of publishes, which come on the library's thread, and resumes one task for all of them.
final class PublishTally: Sendable {
    typealias Failure = (job: Job, error: NATSError)

    private struct State {
        var outstanding: Int
        var failures: [Failure] = []
        var waiter: CheckedContinuation<[Failure], Never>?
    }

    private let state: Mutex<State>

    init(count: Int) { state = Mutex(State(outstanding: count)) }

    func answered(_ job: Job, _ error: NATSError?) {
        let (waiter, failures) = state.withLock { state -> (CheckedContinuation<[Failure], Never>?, [Failure]) in
            if let error { state.failures.append((job, error)) }
            state.outstanding -= 1
            guard state.outstanding == 0 else { return (nil, []) }
            defer { state.waiter = nil }
            return (state.waiter, state.failures)
        }
        waiter?.resume(returning: failures)
    }

    /// Waits for every answer; each publish ends by itself in bounded time. Called once.
    func failures() async -> [Failure] {
        await withCheckedContinuation { continuation in
            let failures = state.withLock { state -> [Failure]? in
                guard state.outstanding > 0 else { return state.failures }
                state.waiter = continuation
                return nil
            }
            if let failures { continuation.resume(returning: failures) }
        }
    }
}
