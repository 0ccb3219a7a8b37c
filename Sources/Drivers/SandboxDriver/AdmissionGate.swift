import Synchronization

/// A counted set of permits with a bounded queue of waiters: those for whom somebody waits first, else first come first served.
///
/// Some permits are for urgent callers alone, so that they need not wait until a long run ends. They starve nobody: of nine permits
/// that become free one goes to another waiter.
final class AdmissionGate: Sendable {
    private typealias Waiter = CheckedContinuation<Result<Void, SandboxError>, Never>

    /// Urgent waiters that are served in a row while others wait: the weight of the first lane over all the others.
    private static let urgentInARow = 8

    private struct Entry {
        let id: UInt64
        let isUrgent: Bool
        let waiter: Waiter
    }

    private struct State {
        var free: Int
        var waiters: [Entry] = []
        var urgentServed = 0
        /// Waiters cancelled before they had queued.
        var cancelled: Set<UInt64> = []
        var nextID: UInt64 = 0
        var isClosed = false
    }

    private let maximumWaiting: Int
    private let reservedForUrgent: Int
    private let state: Mutex<State>

    init(permits: Int, reservedForUrgent: Int = 0, maximumWaiting: Int) {
        self.maximumWaiting = maximumWaiting
        self.reservedForUrgent = min(reservedForUrgent, permits - 1)
        state = Mutex(State(free: permits))
    }

    /// How many callers wait.
    var waitingCount: Int { state.withLock { $0.waiters.count } }

    /// Takes a permit, waiting for one if need be; each needs its ``release()``.
    func acquire(isUrgent: Bool = false) async throws(SandboxError) {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let outcome: Result<Void, SandboxError> = await withTaskCancellationHandler {
            await withCheckedContinuation { enqueue(Entry(id: id, isUrgent: isUrgent, waiter: $0)) }
        } onCancel: {
            cancel(id)
        }
        state.withLock { _ = $0.cancelled.remove(id) }
        try outcome.get()
    }

    /// Gives a permit back, to a waiter if there is one.
    func release() {
        let next: Waiter? = state.withLock { state in
            state.free += 1
            guard let index = nextIndex(state) else { return nil }
            state.free -= 1
            let entry = state.waiters.remove(at: index)
            state.urgentServed = entry.isUrgent ? state.urgentServed + 1 : 0
            return entry.waiter
        }
        next?.resume(returning: .success(()))
    }

    /// Which waiter the free permit is for; nil when there is none, or none that may have it.
    private func nextIndex(_ state: State) -> Int? {
        let other = state.free > reservedForUrgent ? state.waiters.firstIndex { !$0.isUrgent } : nil
        if state.urgentServed >= Self.urgentInARow, let other { return other }
        return state.waiters.firstIndex { $0.isUrgent } ?? other
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

    private func enqueue(_ entry: Entry) {
        let outcome: Result<Void, SandboxError>? = state.withLock { state in
            if state.isClosed { return .failure(.closed) }
            if state.cancelled.contains(entry.id) { return .failure(.cancelled) }
            if state.free > (entry.isUrgent ? 0 : reservedForUrgent) {
                state.free -= 1
                return .success(())
            }
            guard state.waiters.count < maximumWaiting else { return .failure(.overloaded) }
            state.waiters.append(entry)
            return nil
        }
        if let outcome { entry.waiter.resume(returning: outcome) }
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
