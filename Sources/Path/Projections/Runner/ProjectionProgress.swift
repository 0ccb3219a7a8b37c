import EventSourcing
import Synchronization
import Vocabulary

/// How far one projection has come, for those who wait for it and for the operator.
final class ProjectionProgress: Sendable {
    private let state = Mutex(State())

    private struct State {
        var positions = [Int64](repeating: 0, count: Slice.count)
        var waiters: [UInt64: Waiter] = [:]
        var lastWaiter: UInt64 = 0
        var heartbeat = ContinuousClock.now
        var failure: String?
        var parkedCount = 0
        var hasBegun = false

        func hasReached(_ position: LogPosition) -> Bool { positions[Int(position.slice.number)] >= position.position }
    }

    private struct Waiter {
        let position: LogPosition
        let continuation: CheckedContinuation<Bool, Never>
    }

    /// By slice number.
    var positions: [Int64] { state.withLock(\.positions) }
    /// When the loop last went round, with or without work.
    var heartbeat: ContinuousClock.Instant { state.withLock(\.heartbeat) }
    /// Why it stands still; nil when it does not.
    var failure: String? { state.withLock(\.failure) }
    /// Streams that are put aside.
    var parkedCount: Int { state.withLock(\.parkedCount) }
    /// Whether the checkpoints were read once.
    var hasBegun: Bool { state.withLock(\.hasBegun) }
    /// Slices for which somebody waits: they are read first.
    var wantedSlices: Set<Slice> { state.withLock { Set($0.waiters.values.map(\.position.slice)) } }

    func beat() { state.withLock { $0.heartbeat = .now } }
    func fail(_ error: any Error) { state.withLock { $0.failure = "\(error)" } }

    /// Says what is committed, and wakes those who waited for it.
    func move(to positions: [Int64], parkedCount: Int) {
        let served = state.withLock { state in
            state.positions = positions
            state.heartbeat = .now
            state.failure = nil
            state.parkedCount = parkedCount
            state.hasBegun = true
            let served = state.waiters.filter { state.hasReached($0.value.position) }
            for id in served.keys { state.waiters[id] = nil }
            return served.values
        }
        for waiter in served { waiter.continuation.resume(returning: true) }
    }

    /// Waits until the rows have what happened up to `position`; false when the task is cancelled before.
    func reach(_ position: LogPosition) async -> Bool {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if state.hasReached(position) { return true }
                    if Task.isCancelled { return false }
                    state.waiters[id] = Waiter(position: position, continuation: continuation)
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.continuation.resume(returning: false)
        }
    }
}
