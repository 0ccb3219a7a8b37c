import Synchronization

/// The messages of one run on their way from the supervisor's thread to the one task that follows the run.
final class MessageQueue: Sendable {
    /// Bytes that may wait. Above it the worker is not read, so that a flood stops at its own socket.
    private static let maximumBytes = 8 << 20

    private typealias Waiter = CheckedContinuation<Result<SandboxMessage?, SandboxError>, Never>

    private struct State {
        var messages = ReleasingQueue<(message: SandboxMessage, byteCount: Int)>()
        var byteCount = 0
        /// Set once: nothing is taken in after it.
        var isOver = false
        var error: SandboxError?
        var waiter: Waiter?
    }

    private let state = Mutex(State())

    /// Whether the worker should not be read for now.
    var isFull: Bool { state.withLock { $0.byteCount > Self.maximumBytes } }

    /// Adds a message; one that comes after the end is dropped.
    func push(_ message: SandboxMessage, byteCount: Int) {
        resume { state in
            guard !state.isOver else { return }
            state.messages.append((message, byteCount))
            state.byteCount += byteCount
        }
    }

    /// Adds the last message; only the first call counts.
    func end(with message: SandboxMessage) {
        resume { state in
            guard !state.isOver else { return }
            state.isOver = true
            state.messages.append((message, 0))
        }
    }

    /// Ends without a last message.
    func end(throwing error: SandboxError) {
        resume { state in
            guard !state.isOver else { return }
            state.isOver = true
            state.error = error
        }
    }

    /// The next message, nil after the last; and whether taking it made room.
    func next() async -> Result<SandboxMessage?, SandboxError> {
        await withCheckedContinuation { waiter in
            resume { state in
                precondition(state.waiter == nil, "a run is followed by one task")
                state.waiter = waiter
            }
        }
    }

    /// Changes the state and then serves the waiter if there is something for it.
    private func resume(_ change: (inout sending State) -> Void) {
        let served: (Waiter, Result<SandboxMessage?, SandboxError>)? = state.withLock { state in
            change(&state)
            guard let waiter = state.waiter, let result = Self.take(&state) else { return nil }
            state.waiter = nil
            return (waiter, result)
        }
        served?.0.resume(returning: served?.1 ?? .success(nil))
    }

    private static func take(_ state: inout sending State) -> Result<SandboxMessage?, SandboxError>? {
        guard let (message, byteCount) = state.messages.popFirst() else {
            guard state.isOver else { return nil }
            return state.error.map(Result.failure) ?? .success(nil)
        }
        state.byteCount -= byteCount
        return .success(message)
    }
}

/// A first-in-first-out queue that lets go of what was taken at once, at constant cost an element.
struct ReleasingQueue<Element> {
    /// Nil where an element was taken.
    private var elements: [Element?] = []
    /// Index of the oldest element.
    private var first = 0

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func popFirst() -> Element? {
        guard first < elements.count else { return nil }
        let element = elements[first].take()
        first += 1
        if first * 2 >= elements.count {
            elements.removeFirst(first)
            first = 0
        }
        return element
    }
}
