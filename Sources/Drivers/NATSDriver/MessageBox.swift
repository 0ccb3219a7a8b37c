import Synchronization

/// Messages of a core subscription between the library's thread and the task that takes them, bounded.
final class MessageBox: Sendable {
    private struct State {
        var messages: [NATSMessage] = []
        var waiter: CheckedContinuation<[NATSMessage]?, Never>?
        var dropped = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    /// Messages that found the box full.
    var dropped: Int { state.withLock { $0.dropped } }

    /// Gives a message to the waiting task or keeps it; when the box is full it is dropped, as core NATS would drop it for a slow reader.
    func offer(_ message: NATSMessage) {
        let waiter: CheckedContinuation<[NATSMessage]?, Never>? = state.withLock { state in
            if let waiter = state.waiter {
                state.waiter = nil
                return waiter
            }
            if state.messages.count < capacity { state.messages.append(message) } else { state.dropped += 1 }
            return nil
        }
        waiter?.resume(returning: [message])
    }

    /// All that is there, or the next message; `nil` once closed, empty when the task was cancelled. One task at a time.
    func take() async -> [NATSMessage]? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: [NATSMessage]?? = state.withLock { state in
                    precondition(state.waiter == nil, "two tasks wait on one subscription")
                    if !state.messages.isEmpty {
                        defer { state.messages = [] }
                        return .some(state.messages)
                    }
                    if state.isClosed { return .some(nil) }
                    if Task.isCancelled { return .some([]) }
                    state.waiter = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            resumeWaiter(with: [])
        }
    }

    /// Ends the waiting; what is in the box can still be taken.
    func close() {
        state.withLock { $0.isClosed = true }
        resumeWaiter(with: nil)
    }

    private func resumeWaiter(with answer: [NATSMessage]?) {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: answer)
    }
}
