import DriverThreads

/// Where tasks ask for messages and the pull thread learns that somebody asks.
///
/// Nothing is fetched before somebody asks, and never more than was asked for: a message that waits here would run out its
/// acknowledgement time behind the back of the priorities. So memory is bounded by the requests.
final class PullBox: Sendable {
    /// Tasks that may wait at once; more is a loop that forgot to wait.
    private static let waiterLimit = 1024

    private struct Waiter {
        let id: Int
        let max: Int
        let continuation: CheckedContinuation<Result<[NATSMessage], any Error>, Never>
    }

    private struct State {
        var waiters: [Waiter] = []
        /// Messages whose asker was cancelled meanwhile, and then only as many as it asked for.
        var leftover: [NATSMessage] = []
        var nextID = 0
        var isClosed = false
    }

    private let state = ConditionLock(State())

    /// Up to `max` messages, at least one.
    func next(max: Int) async throws -> [NATSMessage] {
        precondition(max > 0, "asked for \(max) messages")
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waiter = Waiter(id: id, max: max, continuation: continuation)
                if let answer = enqueue(waiter) { continuation.resume(returning: answer) }
            }
        } onCancel: {
            cancel(id)
        }
        return try result.get()
    }

    /// Blocks the pull thread until somebody asks; how many messages, or `nil` once closed.
    func waitForDemand() -> Int? {
        let demand: Int? = state.wait { $0.isClosed ? 0 : $0.waiters.first?.max }
        return demand == 0 ? nil : demand
    }

    /// Blocks the pull thread for `duration`, less when the box is closed.
    func pause(for duration: Duration) {
        _ = state.wait(atMost: duration) { $0.isClosed ? true : nil }
    }

    /// Whether nobody will ask any more.
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Hands messages to whoever asks first; what nobody asks for any more is kept for the next.
    func deliver(_ messages: [NATSMessage]) {
        let deliveries = state.withLock { state in
            state.leftover += messages
            var deliveries: [(Waiter, [NATSMessage])] = []
            // More than the first asked for is there when somebody who had asked for more was cancelled meanwhile.
            while let waiter = state.waiters.first, !state.leftover.isEmpty {
                state.waiters.removeFirst()
                let part = Array(state.leftover.prefix(waiter.max))
                state.leftover.removeFirst(part.count)
                deliveries.append((waiter, part))
            }
            return deliveries
        }
        for (waiter, part) in deliveries { waiter.continuation.resume(returning: .success(part)) }
    }

    /// Answers everybody who waits, and whoever asks later, with `closed`.
    func close() {
        let waiters = state.withLock { state in
            state.isClosed = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(returning: .failure(Self.closedError)) }
    }

    private static var closedError: NATSError { NATSError(.closed, during: "waiting for messages") }

    private func enqueue(_ waiter: Waiter) -> Result<[NATSMessage], any Error>? {
        state.withLock { state in
            if state.isClosed { return .failure(Self.closedError) }
            if Task.isCancelled { return .failure(CancellationError()) }
            if !state.leftover.isEmpty {
                let part = Array(state.leftover.prefix(waiter.max))
                state.leftover.removeFirst(part.count)
                return .success(part)
            }
            guard state.waiters.count < Self.waiterLimit else { return .failure(NATSError(.busy, during: "waiting for messages")) }
            state.waiters.append(waiter)
            return nil
        }
    }

    private func cancel(_ id: Int) {
        let waiter: Waiter? = state.withLock { state in
            guard let place = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
            return state.waiters.remove(at: place)
        }
        waiter?.continuation.resume(returning: .failure(CancellationError()))
    }
}
