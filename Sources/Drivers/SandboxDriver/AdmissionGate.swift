import Synchronization

/// A counted set of permits with a bounded queue of waiters, first come first served.
final class AdmissionGate: Sendable {
    private typealias Waiter = CheckedContinuation<Result<Void, SandboxError>, Never>

    private struct State {
        var free: Int
        var waiters: [(id: UInt64, waiter: Waiter)] = []
        /// Waiters cancelled before they had queued.
        var cancelled: Set<UInt64> = []
        var nextID: UInt64 = 0
        var isClosed = false
    }

    private let maximumWaiting: Int
    private let state: Mutex<State>

    init(permits: Int, maximumWaiting: Int) {
        self.maximumWaiting = maximumWaiting
        state = Mutex(State(free: permits))
    }

    /// Takes a permit, waiting for one if need be; each needs its ``release()``.
    func acquire() async throws(SandboxError) {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let outcome: Result<Void, SandboxError> = await withTaskCancellationHandler {
            await withCheckedContinuation { enqueue($0, id: id) }
        } onCancel: {
            cancel(id)
        }
        state.withLock { _ = $0.cancelled.remove(id) }
        try outcome.get()
    }

    /// Gives a permit back, to the longest waiter if there is one.
    func release() {
        let next: Waiter? = state.withLock { state in
            if !state.waiters.isEmpty { return state.waiters.removeFirst().waiter }
            state.free += 1
            return nil
        }
        next?.resume(returning: .success(()))
    }

    /// Refuses everybody who waits or comes later.
    func close() {
        let waiters = state.withLock { state in
            state.isClosed = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for entry in waiters { entry.waiter.resume(returning: .failure(.closed)) }
    }

    private func enqueue(_ waiter: Waiter, id: UInt64) {
        let outcome: Result<Void, SandboxError>? = state.withLock { state in
            if state.isClosed { return .failure(.closed) }
            if state.cancelled.contains(id) { return .failure(.cancelled) }
            if state.free > 0 {
                state.free -= 1
                return .success(())
            }
            guard state.waiters.count < maximumWaiting else { return .failure(.overloaded) }
            state.waiters.append((id, waiter))
            return nil
        }
        if let outcome { waiter.resume(returning: outcome) }
    }

    private func cancel(_ id: UInt64) {
        let waiter: Waiter? = state.withLock { state in
            guard let index = state.waiters.firstIndex(where: { $0.id == id }) else {
                state.cancelled.insert(id)
                return nil
            }
            return state.waiters.remove(at: index).waiter
        }
        waiter?.resume(returning: .failure(.cancelled))
    }
}
