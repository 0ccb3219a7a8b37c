package import EventSourcing
package import Vocabulary

/// The log's events from any place in the past on, then as they come about: one reading by position, so that there is no seam between the two.
///
/// Nothing is read before it is asked for, and a batch is bounded as a view's is; a consumer that is slow costs no memory. Order holds within a
/// slice. A place is a position for each slice: whoever keeps the last one that he was given goes on there without gap or double.
package struct LogSubscription: AsyncSequence, Sendable {
    /// Where to begin.
    package enum Start: Sendable {
        case beginning
        /// After these positions; from the beginning in slices that are not named.
        case after([Slice: Int64])
        /// At the first event of each slice that was recorded then or later.
        case time(Timestamp)
    }

    /// Whose events.
    package enum Scope: Hashable, Sendable {
        case everything
        case tenant(TenantID)
    }

    package typealias Element = [RecordedEvent]

    let feed: LogFeed
    let scope: Scope
    let start: Start
    /// Whether it goes on at the log's end, or ends there.
    let follows: Bool

    package func makeAsyncIterator() -> Iterator { Iterator(self) }

    /// Ends when it does not follow and has all there was when it began; throws `CancellationError` when the task is cancelled.
    package struct Iterator: AsyncIteratorProtocol {
        private let subscription: LogSubscription
        /// By slice number; nil before the first batch. Slices out of scope are at their end for good.
        private var positions: [Int64]?
        private var end: [Int64]?

        init(_ subscription: LogSubscription) { self.subscription = subscription }

        package mutating func next() async throws -> [RecordedEvent]? {
            while true {
                guard let events = try await next(within: .seconds(60)) else { return nil }
                if !events.isEmpty { return events }
            }
        }

        /// The next batch, or an empty one when none has come about for about so long.
        package mutating func next(within patience: Duration) async throws -> [RecordedEvent]? {
            let deadline = ContinuousClock.now + patience
            var positions = try await begin()
            while ContinuousClock.now < deadline {
                try Task.checkCancellation()
                if let end, zip(positions, end).allSatisfy({ $0 >= $1 }) { return nil }
                let batch = try await subscription.batch(after: positions)
                guard !batch.isEmpty else {
                    try await subscription.waitForNews(beyond: positions)
                    continue
                }
                batch.advance(&positions)
                self.positions = positions
                let events = batch.events.filter { subscription.includes($0.address.tenant) }
                if !events.isEmpty { return events }
            }
            return []
        }

        private mutating func begin() async throws -> [Int64] {
            if let positions { return positions }
            try await subscription.feed.look(for: subscription.slices)
            let start = try await subscription.startPositions()
            if !subscription.follows { end = zip(start, subscription.feed.heads).map { $0 == .max ? .max : $1 } }
            positions = start
            return start
        }
    }

    /// Those that have events of the scope.
    fileprivate var slices: [Slice] {
        switch scope {
        case .everything: Slice.all
        case .tenant(let tenant): [Slice(of: tenant)]
        }
    }

    fileprivate func includes(_ tenant: TenantID) -> Bool {
        switch scope {
        case .everything: true
        case .tenant(let own): tenant == own
        }
    }

    fileprivate func waitForNews(beyond positions: [Int64]) async throws {
        // The log's end may be known before a replica can read it.
        guard feed.slices(beyond: positions).isEmpty else { return try await Task.sleep(for: .milliseconds(50)) }
        await feed.waitForNews(beyond: positions)
    }

    fileprivate func batch(after positions: [Int64]) async throws -> LogBatch {
        try await LogBatch(of: feed.slices(beyond: positions), after: positions, for: "a subscription") {
            try await feed.read($0, after: $1, limit: $2)
        }
    }

    fileprivate func startPositions() async throws -> [Int64] {
        var positions = [Int64](repeating: .max, count: Slice.count)
        for slice in slices {
            switch start {
            case .beginning: positions[Int(slice.number)] = 0
            case .after(let given): positions[Int(slice.number)] = given[slice] ?? 0
            case .time(let time): positions[Int(slice.number)] = try await feed.lastPosition(of: slice, before: time)
            }
        }
        return positions
    }
}

extension Projections {
    /// Reads the log from a place in the past on; with `follows` it goes on with what comes about.
    package func subscribe(
        to scope: LogSubscription.Scope = .everything, from start: LogSubscription.Start = .beginning, follows: Bool = true
    ) -> LogSubscription {
        LogSubscription(feed: feed, scope: scope, start: start, follows: follows)
    }
}
