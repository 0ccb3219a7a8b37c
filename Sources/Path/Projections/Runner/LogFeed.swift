import EventSourcing
import Synchronization
import Vocabulary

/// What all runners share: how far the log goes, and its newest events, so that several views do not read and decode each event again.
///
/// There is one way to learn of events, reading the log by position. A commit's notice only shortens the sleep before it, and when notices are
/// lost the poll finds what they told of.
final class LogFeed: LogObserver {
    private let stores: BySlice<any EventStore>
    private let poll: ClosedRange<Duration>
    private let state = Mutex(State())

    private struct State {
        /// The newest position known of each slice, by the slice's number.
        var heads = [Int64](repeating: 0, count: Slice.count)
        var recent = NewestEvents()
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var lastWaiter: UInt64 = 0

        /// Answers whether one of them is news.
        mutating func raise(_ newer: some Sequence<LogPosition>) -> Bool {
            var isNews = false
            for head in newer where head.position > heads[Int(head.slice.number)] {
                heads[Int(head.slice.number)] = head.position
                isNews = true
            }
            return isNews
        }

        mutating func takeWaiters() -> [CheckedContinuation<Void, Never>] {
            defer { waiters = [:] }
            return Array(waiters.values)
        }
    }

    init(stores: BySlice<any EventStore>, poll: ClosedRange<Duration>) {
        self.stores = stores
        self.poll = poll
    }

    func logDidAppend(_ notice: LogNotice) {
        let waiters = state.withLock { state in state.raise(notice.heads) ? state.takeWaiters() : [] }
        for waiter in waiters { waiter.resume() }
    }

    /// Looks for what no notice told of, often while it finds something and seldom while it does not; also every waiter's heartbeat.
    func run() async {
        await withDiscardingTaskGroup { group in
            for place in stores.all.indices { group.addTask { await self.watch(place) } }
        }
    }

    private func watch(_ place: Int) async {
        var pause = poll.lowerBound
        // Only a cancelled sleep throws.
        while (try? await Task.sleep(for: pause)) != nil {
            // A log that does not answer is looked for at the slow pace; the runners report why it does not.
            let didFind = (try? await look(at: place)) ?? false
            pause = didFind ? poll.lowerBound : min(pause * 2, poll.upperBound)
        }
    }

    /// Asks the database in that place how far its log goes; answers whether that was news.
    @discardableResult
    private func look(at place: Int) async throws(EventStoreError) -> Bool {
        let heads = try await stores.all[place].heads().map { LogPosition(slice: $0.key, position: $0.value) }
        let (isNews, waiters) = state.withLock { state in (state.raise(heads), state.takeWaiters()) }
        for waiter in waiters { waiter.resume() }
        return isNews
    }

    /// Asks the databases that have these slices how far their logs go.
    func look(for slices: [Slice]) async throws(EventStoreError) {
        for place in Set(slices.map(stores.place(of:))) { try await look(at: place) }
    }

    /// The slices that go beyond these positions, which are by slice number.
    func slices(beyond positions: [Int64]) -> [Slice] {
        state.withLock { state in Slice.all.filter { state.heads[Int($0.number)] > positions[Int($0.number)] } }
    }

    /// The first of these positions that the log does not have; nil when it has them all.
    func end(before positions: [Int64]) -> LogPosition? {
        state.withLock { state in
            Slice.all.first { positions[Int($0.number)] > state.heads[Int($0.number)] }.map {
                LogPosition(slice: $0, position: positions[Int($0.number)])
            }
        }
    }

    /// The newest position known of each slice, by the slice's number.
    var heads: [Int64] { state.withLock(\.heads) }

    /// The last position of a slice that was recorded before a time; 0 when there is none. Cost: one read for each halving of the slice.
    func lastPosition(of slice: Slice, before time: Timestamp) async throws(EventStoreError) -> Int64 {
        var (low, high) = (Int64(0), heads[Int(slice.number)])
        while low < high {
            let middle = low + (high - low + 1) / 2
            guard let event = try await stores[slice].read(slice, after: middle - 1, limit: 1).first else { return low }
            if event.recordedAt < time { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// How many events lie beyond these positions.
    func lag(behind positions: [Int64]) -> Int64 { state.withLock { zip($0.heads, positions).reduce(0) { $0 + max(0, $1.0 - $1.1) } } }

    /// Waits for news, for the next look, or for the task to be cancelled; returns at once if there is news already.
    func waitForNews(beyond positions: [Int64]) async {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock { state in
                    guard !Task.isCancelled, !zip(state.heads, positions).contains(where: >) else { return false }
                    state.waiters[id] = continuation
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }

    /// Drops the newest events, since somebody's data in them may have been erased.
    func forgetAll() { state.withLock { $0.recent = NewestEvents() } }

    /// A slice's events after `position`, from memory if another runner has read them just now.
    func read(_ slice: Slice, after position: Int64, limit: Int) async throws(EventStoreError) -> [RecordedEvent] {
        let known = state.withLock { $0.recent.events(of: slice, after: position, limit: limit) }
        if !known.isEmpty { return known }
        let page = try await stores[slice].read(slice, after: position, limit: limit)
        state.withLock { $0.recent.keep(page, of: slice) }
        return page
    }
}
