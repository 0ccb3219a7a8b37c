import Domain
package import EventSourcing
package import Logging
import Synchronization
import Vocabulary

/// Turns accepted deliveries into events, each the first of its stream, with the job to route it in the same commit.
///
/// Deliveries are handed over in memory; what is lost there, by a crash or a full queue, is found in the inbox.
package final class Intake: Sendable {
    /// How deliveries become events.
    package struct Configuration: Sendable {
        /// Appends under way at once: what one call of the log's appender takes.
        package var concurrency = 256
        /// Deliveries waiting in memory; beyond it they wait in the inbox for a sweep. Default: a second's worth.
        package var queueLength = 10_000
        package var sweepInterval: Duration = .seconds(1)
        /// Younger deliveries are left to the hand-over.
        package var sweepAge: Duration = .seconds(3)
        /// New deliveries read by one sweep.
        package var sweepPage = 1000
        /// The pause after a full page, so that what piled up while the process was away is taken in quickly.
        package var sweepPause: Duration = .milliseconds(50)
        /// Senders without an answer from which on they go before what is accepted already, which can wait where it is.
        package var crowd = 8
        /// Appends under way at once while senders crowd, and the pause before more: about what keeps a quarter of two cores busy.
        package var crowdedConcurrency = 32
        package var crowdedPause: Duration = .milliseconds(40)

        package init() {}
    }

    private struct State {
        var queue = FIFO<InboxDelivery>()
        /// Those waiting and those under way, so that a sweep does not take them a second time.
        var known: Set<EventID> = []
        var active = 0
    }

    private let store: any EventStore
    private let inbox: any Inbox
    private let recent: RecentEvents
    private let configuration: Configuration
    private let logger: Logger
    private let state = Mutex(State())
    /// Raised when a delivery came or an append ended.
    private let news = Signal()

    package init(store: any EventStore, inbox: any Inbox, recent: RecentEvents, configuration: Configuration = .init(), logger: Logger) {
        self.store = store
        self.inbox = inbox
        self.recent = recent
        self.configuration = configuration
        self.logger = logger
    }

    /// How many deliveries wait in memory.
    package var waitingCount: Int { state.withLock { $0.queue.count } }

    /// Takes a delivery that the inbox holds; returns at once. A full queue leaves it to the sweep.
    package func handOver(_ delivery: InboxDelivery) { _ = take(delivery) }

    private func take(_ delivery: InboxDelivery) -> Bool {
        let isTaken = state.withLock { state in
            guard state.queue.count < configuration.queueLength, state.known.insert(delivery.event).inserted else { return false }
            state.queue.append(delivery)
            return true
        }
        if isTaken { news.raise() }
        return isTaken
    }

    /// Appends and sweeps until the task is cancelled.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.sweepForEver() }
            await appendForEver()
            group.cancelAll()
        }
    }
}

extension Intake {
    private func appendForEver() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                let isCrowded = inbox.waitingCount >= configuration.crowd
                let batch = takeBatch(isCrowded ? configuration.crowdedConcurrency : configuration.concurrency)
                for delivery in batch { group.addTask { await self.settle(delivery) } }
                if isCrowded {
                    // A cancelled sleep (try?) ends the loop at its head.
                    try? await Task.sleep(for: configuration.crowdedPause)
                } else if batch.isEmpty {
                    await news.wait()
                }
            }
        }
    }

    /// What may be appended now, so that at most `concurrency` appends are under way.
    private func takeBatch(_ concurrency: Int) -> [InboxDelivery] {
        state.withLock { state in
            let batch = state.queue.take(max(0, concurrency - state.active))
            state.active += batch.count
            return batch
        }
    }

    private func settle(_ delivery: InboxDelivery) async {
        do {
            try await append(delivery)
        } catch {
            // It stays in the inbox, and a sweep brings it again.
            logger.warning("delivery not appended yet", metadata: ["error": "\(error)", "event": "\(delivery.event)"])
        }
        state.withLock { state in
            state.active -= 1
            state.known.remove(delivery.event)
        }
        news.raise()
    }

    private func append(_ delivery: InboxDelivery) async throws {
        let address = StreamAddress.monthly(ReceivedEventDecider.self, delivery.event, in: delivery.tenant)
        // The event is its stream's id, so that a re-send after an unknown outcome is recognised as the same.
        var batch = AppendBatch(
            address: address, expected: .none, events: [NewEvent(id: delivery.event, form: delivery.form, meta: delivery.meta)])
        batch.dataKey = delivery.dataKey
        // The mark completes the inbox row in the same commit.
        batch.marks = [delivery.dedupKey]
        if case .asks(let kind, let due)? = ReceivedEventDecider.work(of: try .restore(delivery.form)) {
            batch.work = .asks(kind, delivery.meta.lane, due: due)
        }
        // Before the append: the job may be taken up before this task learns of the commit.
        recent.keep(RecentEvents.Entry(form: delivery.form, meta: delivery.meta), as: delivery.event)
        switch try await store.append(batch) {
        case .appended, .already, .repeated: return
        case .conflict(let actual): throw EventStoreError(.corrupt("\(address) has version \(actual) before its first event"))
        case .taken: throw EventStoreError(.corrupt("\(address) claims no name and was refused one"))
        }
    }

    private func sweepForEver() async {
        while !Task.isCancelled {
            let isFull = await sweep()
            // A cancelled sleep (try?) ends the loop at its head.
            try? await Task.sleep(for: isFull ? configuration.sweepPause : configuration.sweepInterval)
        }
    }

    /// Hands over what the inbox holds and memory lost; answers whether there is more of it.
    private func sweep() async -> Bool {
        // What is under way is still in the inbox, so as much more is read.
        let limit = configuration.sweepPage + state.withLock { $0.known.count }
        do throws(EventStoreError) {
            let page = try await inbox.pending(olderThan: configuration.sweepAge, limit: limit)
            let taken = page.reduce(0) { $0 + (take($1) ? 1 : 0) }
            return page.count >= limit && taken > 0
        } catch {
            // A query that was cut off because we stop is no trouble of the database.
            guard !Task.isCancelled else { return false }
            logger.warning("inbox could not be read", metadata: ["error": "\(error)"])
            return false
        }
    }
}
