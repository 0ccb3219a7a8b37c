import Synchronization

/// Names one call of ``HTTPClient/send(_:)`` within its client.
typealias TransferID = UInt64

/// A request with the place where its outcome goes.
struct Submission: Sendable {
    let id: TransferID
    let request: OutboundRequest
    let deadline: ContinuousClock.Instant
    let continuation: CheckedContinuation<Result<OutboundResponse, HTTPClientError>, Never>

    /// Answers the caller; must be called exactly once.
    func finish(_ outcome: Result<OutboundResponse, HTTPClientError>) {
        continuation.resume(returning: outcome)
    }
}

/// Where callers leave requests and cancellations for the client's thread.
final class TransferInbox: Sendable {
    private enum Phase {
        /// Takes requests. Exits: draining, closed.
        case open
        /// Takes no more; those taken are worked off. Exit: closed.
        case draining
        /// The thread has ended. Final.
        case closed
    }

    private struct State {
        var phase = Phase.open
        var submissions: [Submission] = []
        var cancellations: [TransferID] = []
        /// Requests taken and not answered yet, wherever they are.
        var outstanding = 0
        var lastID: TransferID = 0
    }

    /// What the thread finds on each turn.
    struct Intake {
        let submissions: [Submission]
        let cancellations: [TransferID]
        let isDraining: Bool
    }

    private let state = Mutex(State())
    private let capacity: Int

    /// - Parameter capacity: the most requests taken and not answered yet.
    init(capacity: Int) {
        precondition(capacity > 0, "a client for \(capacity) requests can send none")
        self.capacity = capacity
    }

    func makeID() -> TransferID {
        state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
    }

    func submit(_ submission: Submission) throws(HTTPClientError) {
        try state.withLock { state throws(HTTPClientError) in
            guard state.phase == .open else { throw HTTPClientError(.shutDown) }
            guard state.outstanding < capacity else { throw HTTPClientError(.overloaded) }
            state.outstanding += 1
            state.submissions.append(submission)
        }
    }

    /// Asks for a request to be given up; one that is unknown, because it has ended, is ignored.
    func cancel(_ id: TransferID) {
        state.withLock { state in
            if state.phase != .closed { state.cancellations.append(id) }
        }
    }

    func drain() {
        state.withLock { state in
            if state.phase == .open { state.phase = .draining }
        }
    }

    func take() -> Intake {
        state.withLock { state in
            defer {
                state.submissions.removeAll()
                state.cancellations.removeAll()
            }
            return Intake(
                submissions: state.submissions, cancellations: state.cancellations, isDraining: state.phase != .open)
        }
    }

    /// Notes that a request was answered, which makes room for another.
    func answered() {
        state.withLock { $0.outstanding -= 1 }
    }

    /// Takes nothing from now on; returns what nobody has taken out.
    func close() -> [Submission] {
        state.withLock { state in
            defer { state.submissions.removeAll() }
            state.phase = .closed
            return state.submissions
        }
    }
}
