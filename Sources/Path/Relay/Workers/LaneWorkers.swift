package import EventSourcing
package import Logging
import Synchronization
package import Vocabulary

/// How workers share this process.
package struct LaneWorkersConfiguration: Sendable {
    /// Jobs done at once. Default: enough to keep group commits and sandboxes full on a machine of a few cores.
    package var slots = 256
    /// Slots that only P1 may use, so that somebody who waits never waits for a backfill.
    package var slotsReservedForP1 = 32
    /// Pointers taken from the bus before their turn, a lane: one receive's worth.
    package var pointersPerLane = 128
    /// A pointer this long past its due time was perhaps done before, so its job is looked up first.
    package var trustedAge: Duration = .seconds(2)
    /// The pause after the bus failed.
    package var busPause: Duration = .milliseconds(200)

    package init() {}
}

/// Takes pointers from the bus's lanes and has their jobs done, each stream by one worker of this process at a time.
package final class LaneWorkers: Sendable {
    private let bus: any EventBus
    private let queue: any WorkQueue
    private let dispatcher: Dispatcher
    private let handlers: [WorkKind: any WorkHandler]
    private let clock: any IDSource
    private let ownership: any SliceOwnership
    private let configuration: LaneWorkersConfiguration
    private let logger: Logger
    private let bench: Mutex<WorkBench>
    private let isStopping = Mutex(false)
    /// Raised when a pointer came or a slot was freed.
    private let news = Signal()
    /// Raised when a lane's pointers were taken up.
    private let room: [Lane: Signal] = Dictionary(uniqueKeysWithValues: Lane.allCases.map { ($0, Signal()) })

    /// `handlers` has the stage for each kind of work; a kind without one is left in the database, as is work of slices that others own.
    package init(
        bus: any EventBus, queue: any WorkQueue, dispatcher: Dispatcher, handlers: [WorkKind: any WorkHandler], clock: any IDSource,
        ownership: any SliceOwnership = SoleOwner(), configuration: LaneWorkersConfiguration = .init(), logger: Logger
    ) {
        self.bus = bus
        self.queue = queue
        self.dispatcher = dispatcher
        self.handlers = handlers
        self.clock = clock
        self.ownership = ownership
        self.configuration = configuration
        self.logger = logger
        bench = Mutex(
            WorkBench(slots: configuration.slots, reservedForP1: configuration.slotsReservedForP1, roomPerLane: configuration.pointersPerLane))
    }

    /// How many jobs are being done.
    package var busyCount: Int { bench.withLock { $0.busyCount } }

    /// Works until `stop()`, then until what was begun has ended; a cancelled task cancels what was begun.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            for lane in Lane.allCases { group.addTask { await self.receive(lane) } }
            await work()
            group.cancelAll()
        }
    }

    /// Begins no more jobs. Those whose pointers were taken and not begun stay in the database.
    package func stop() {
        isStopping.withLock { $0 = true }
        news.raise()
    }
}

extension LaneWorkers {
    private func receive(_ lane: Lane) async {
        while !Task.isCancelled {
            let limit = bench.withLock { $0.room(lane) }
            guard limit > 0 else {
                dispatcher.lane(lane, isFull: true)
                await room[lane]?.wait()
                dispatcher.lane(lane, isFull: false)
                continue
            }
            do throws(EventBusError) {
                let jobs = try await bus.receive(lane, limit: limit)
                let admitted = bench.withLock { $0.admit(jobs) }
                dispatcher.received(admitted)
                news.raise()
            } catch {
                if error == .closed { return }
                logger.warning("pointers not received", metadata: ["error": "\(error)", "lane": "\(lane.name)"])
                // A cancelled sleep (try?) ends the loop at its head.
                try? await Task.sleep(for: configuration.busPause)
            }
        }
    }

    private func work() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled, !isStopping.withLock({ $0 }) {
                guard let job = bench.withLock({ $0.begin() }) else {
                    await news.wait()
                    continue
                }
                room[job.lane]?.raise()
                group.addTask { await self.perform(job) }
            }
        }
    }

    private func perform(_ pointer: Job) async {
        dispatcher.began(pointer)
        let failure: (any Error)?
        do {
            if let job = try await current(pointer) { try await handler(of: job).perform(job) }
            failure = nil
        } catch {
            failure = error
        }
        // The stream is let go before the dispatcher may give out its next job, or that pointer would be taken for a second copy.
        bench.withLock { $0.end(pointer) }
        news.raise()
        guard let failure else { return dispatcher.finished(pointer) }
        dispatcher.failed(pointer)
        if Task.isCancelled { return }
        let level: Logger.Level = failure is any NotYetReady ? .debug : .warning
        logger.log(level: level, "work failed and is tried again", metadata: ["kind": "\(pointer.kind)", "error": "\(failure)"])
    }

    /// The job to do, or nil when it was done meanwhile, its time has not come, or it is another node's by now.
    private func current(_ pointer: Job) async throws(EventStoreError) -> Job? {
        guard ownership.holds(pointer.slice) else { return nil }
        guard clock.now() - pointer.due > configuration.trustedAge else { return pointer }
        guard let job = try await queue.job(of: pointer.stream, in: pointer.slice) else { return nil }
        guard job.due > clock.now() else { return job }
        dispatcher.offer([job])
        return nil
    }

    private func handler(of job: Job) throws(UnhandledWork) -> any WorkHandler {
        guard let handler = handlers[job.kind] else { throw UnhandledWork(kind: job.kind) }
        return handler
    }
}

/// No stage of this process does that kind of work.
struct UnhandledWork: Error, CustomStringConvertible {
    let kind: WorkKind
    var description: String { "no handler for \(kind.rawValue); the job stays in the database" }
}
