package import EventSourcing
package import Logging
import Synchronization
package import Vocabulary

/// Gives ready jobs to the bus: fairly over lanes and tenants, little at a time, and again whatever got lost.
///
/// Learns of jobs from the log's commits and, since nothing in memory is precious, from sweeps over the database.
package final class Dispatcher: LogObserver {
    private let queue: any WorkQueue
    private let bus: any EventBus
    private let clock: any IDSource
    private let configuration: DispatcherConfiguration
    private let logger: Logger
    private let book: Mutex<DispatchBook>
    /// Raised when something may be publishable.
    private let news = Signal()
    /// Raised when a sweep would help.
    private let hunger = Signal()

    package init(
        queue: any WorkQueue, bus: any EventBus, clock: any IDSource, configuration: DispatcherConfiguration = .init(), logger: Logger
    ) {
        self.queue = queue
        self.bus = bus
        self.clock = clock
        self.configuration = configuration
        self.logger = logger
        book = Mutex(DispatchBook(configuration: configuration))
    }

    /// How many jobs are known in memory, in whatever phase.
    package var jobCount: Int { book.withLock { $0.entries.count } }

    package func logDidAppend(_ notice: LogNotice) {
        guard !notice.jobs.isEmpty else { return }
        offer(notice.jobs)
    }

    /// Publishes and sweeps until the task is cancelled or the bus is closed.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.sweepForEver() }
            await publishForEver()
            group.cancelAll()
        }
    }
}

/// What workers report; called from their tasks, never blocking.
extension Dispatcher {
    /// The pointers have left the bus.
    package func received(_ jobs: [Job]) { book.withLock { book in for job in jobs { book.received(job) } } }

    /// A lane's workers take no more pointers, or do so again; what waits in the bus meanwhile is not lost.
    package func lane(_ lane: Lane, isFull: Bool) { book.withLock { $0.lane(lane, isFull: isFull) } }

    /// A worker has begun.
    package func began(_ job: Job) {
        let now = clock.now()
        book.withLock { $0.began(job, at: now) }
        news.raise()
    }

    /// The outcome is committed, or the job was gone.
    package func finished(_ job: Job) {
        let now = clock.now()
        book.withLock { $0.finished(job, at: now) }
        news.raise()
    }

    /// The worker failed; the job comes again after a pause.
    package func failed(_ job: Job) {
        let now = clock.now()
        book.withLock { $0.failed(job, at: now) }
        news.raise()
    }

    /// Jobs that are wanted, whether due or not.
    package func offer(_ jobs: [Job]) {
        let now = clock.now()
        book.withLock { book in for job in jobs { book.offer(job, at: now) } }
        news.raise()
    }
}

extension Dispatcher {
    private func publishForEver() async {
        while !Task.isCancelled {
            let now = clock.now()
            let (batch, nextWake, needsSweep) = book.withLock { book in
                book.wake(at: now)
                return (book.takePublications(limit: configuration.publishBatch, at: now), book.nextWake, book.needsSweep)
            }
            if needsSweep { hunger.raise() }
            if batch.isEmpty {
                let pause = nextWake.map { $0 - now } ?? configuration.sweepInterval
                await news.wait(atMost: min(max(pause, .milliseconds(1)), configuration.sweepInterval))
            } else if await !publish(batch) {
                return
            }
        }
    }

    /// Answers false when the bus was closed for good.
    private func publish(_ batch: [Publication]) async -> Bool {
        for (attempt, publications) in Dictionary(grouping: batch, by: \.attempt) {
            let jobs = publications.map(\.job)
            do throws(EventBusError) {
                try await bus.publish(jobs, attempt: attempt)
            } catch {
                let now = clock.now()
                book.withLock { $0.unpublished(jobs, at: now) }
                if error == .closed { return false }
                logger.warning("pointers not published", metadata: ["error": "\(error)", "count": "\(jobs.count)"])
            }
        }
        return true
    }

    private func sweepForEver() async {
        while !Task.isCancelled {
            await sweep()
            await hunger.wait(atMost: configuration.sweepInterval)
        }
    }

    private func sweep() async {
        let limit = book.withLock { book in
            book.sweepBegins()
            return book.sweepLimit
        }
        do throws(EventStoreError) {
            let jobs = try await queue.readyJobs(limitPerLane: limit)
            let now = clock.now()
            book.withLock { $0.sweepEnds(jobs, limit: limit, at: now) }
            news.raise()
        } catch {
            book.withLock { $0.sweepFailed() }
            // A query that was cut off because we stop is no trouble of the database.
            guard !Task.isCancelled else { return }
            logger.warning("ready jobs could not be read", metadata: ["error": "\(error)"])
            // Hunger does not shorten this pause, or a database in trouble would be asked without end. Cancelled (try?) is fine.
            try? await Task.sleep(for: configuration.sweepInterval)
        }
    }
}
