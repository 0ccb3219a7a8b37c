import DriverThreads
import EventSourcing
import Glibc

/// The bounded queue between callers, who are tasks, and one writer thread, which takes all that waits as one group.
final class CommitQueue<Request: CommitRequest, Answer: Sendable>: Sendable {
    typealias Entry = CommitEntry<Request, Answer>

    private struct State {
        var entries: [Entry] = []
        var byteCount = 0
        /// Why nothing more is taken in; nil while open.
        var closedBy: EventStoreError?
    }

    private let lock = ConditionLock(State())
    private let limits: BacklogLimits

    init(limits: BacklogLimits) { self.limits = limits }

    /// Waits in the queue and for the commit; throws `.overloaded` at once when too much waits.
    func submit(_ request: Request) async throws(EventStoreError) -> Answer {
        let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<Answer, EventStoreError>, Never>) in
            let entry = Entry(request, at: .now, continuation)
            let refusal = lock.withLock { state in admit(entry, to: &state) }
            if let refusal { entry.answer(.failure(refusal)) }
        }
        return try result.get()
    }

    private func admit(_ entry: Entry, to state: inout State) -> EventStoreError? {
        if let closedBy = state.closedBy { return closedBy }
        let isFull = state.entries.count >= limits.entries || state.byteCount + entry.request.byteCount > limits.bytes
        // A request larger than the bound is let into an empty queue, or it could never be served.
        if isFull, !state.entries.isEmpty { return EventStoreError(.overloaded) }
        state.entries.append(entry)
        state.byteCount += entry.request.byteCount
        return nil
    }

    /// Blocks until something waits and takes a group of it, oldest first; empty once the queue is closed and drained.
    func takeGroup(_ limits: GroupLimits) -> [Entry] {
        for _ in 0..<limits.looksBeforeSleep where isIdle { sched_yield() }
        let group: [Entry]? = lock.wait { state in
            if state.entries.isEmpty { return state.closedBy == nil ? nil : [] }
            return Self.removeGroup(from: &state, limits)
        }
        return group ?? []
    }

    private static func removeGroup(from state: inout State, _ limits: GroupLimits) -> [Entry] {
        var group: [Entry] = []
        var skipped: [Entry] = []
        var keys: Set<UInt128> = []
        var (rows, bytes, searched) = (0, 0, 0)
        for entry in state.entries.prefix(limits.entriesSearched) {
            let request = entry.request
            let isOver = rows + request.rowCount > limits.rows || bytes + request.byteCount > limits.bytes
            if isOver, !group.isEmpty { break }
            searched += 1
            if let key = request.exclusiveKey, !keys.insert(key).inserted {
                skipped.append(entry)
            } else {
                group.append(entry)
                rows += request.rowCount
                bytes += request.byteCount
            }
        }
        state.entries.replaceSubrange(..<searched, with: skipped)
        state.byteCount -= bytes
        return group
    }

    /// How many entries wait.
    var count: Int { lock.withLock { $0.entries.count } }

    private var isIdle: Bool { lock.withLock { $0.entries.isEmpty && $0.closedBy == nil } }

    /// Whether the queue takes nothing more.
    var isClosed: Bool { lock.withLock { $0.closedBy != nil } }

    /// Refuses further requests with `reason`; those that wait are still served.
    func close(_ reason: EventStoreError) {
        lock.withLock { state in state.closedBy = state.closedBy ?? reason }
    }

    /// Refuses further requests and answers those that wait with the same reason.
    func fail(_ reason: EventStoreError) {
        let waiting = lock.withLock { state in
            state.closedBy = state.closedBy ?? reason
            state.byteCount = 0
            defer { state.entries = [] }
            return state.entries
        }
        for entry in waiting { entry.answer(.failure(reason)) }
    }

    /// Answers those who came before `deadline`: nothing of theirs was sent.
    func expire(before deadline: ContinuousClock.Instant) {
        let expired = lock.withLock { state in
            let count = state.entries.prefix { $0.submitted < deadline }.count
            defer { state.entries.removeFirst(count) }
            let expired = state.entries.prefix(count)
            state.byteCount -= expired.reduce(0) { $0 + $1.request.byteCount }
            return expired
        }
        for entry in expired { entry.fail(.unavailable) }
    }

    /// Blocks for `duration`, less if the queue is closed meanwhile.
    func pause(_ duration: Duration) {
        _ = lock.wait(atMost: duration) { state in state.closedBy }
    }
}
