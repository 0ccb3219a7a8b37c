import Synchronization
package import Vocabulary

/// The bus in memory: for tests and for running one file without a server.
///
/// Passes the conformance suite of the bus over NATS.
package final class InMemoryEventBus: EventBus {
    /// Pointers kept a lane before publishing is refused: many times what a dispatcher gives out at once.
    package static let capacityPerLane = 100_000

    private typealias Waiter = CheckedContinuation<Void, Never>

    private struct Contents {
        var lanes: [Lane: FIFO<Job>] = [:]
        var waiters: [Lane: [Int: Waiter]] = [:]
        var nextWaiter = 0
        var isClosed = false
    }

    private let contents = Mutex(Contents())

    package init() {}

    package func publish(_ jobs: [Job], attempt: Int) async throws(EventBusError) {
        let woken = try contents.withLock { (contents: inout Contents) throws(EventBusError) -> [Waiter] in
            guard !contents.isClosed else { throw .closed }
            for job in jobs where contents.lanes[job.lane, default: FIFO()].count >= Self.capacityPerLane {
                throw .unavailable("its lane \(job.lane.name) is full")
            }
            for job in jobs { contents.lanes[job.lane, default: FIFO()].append(job) }
            return Set(jobs.map(\.lane)).flatMap { contents.waiters.removeValue(forKey: $0)?.values.map { $0 } ?? [] }
        }
        for waiter in woken { waiter.resume() }
    }

    package func receive(_ lane: Lane, limit: Int) async throws(EventBusError) -> [Job] {
        while true {
            let taken = try contents.withLock { (contents: inout Contents) throws(EventBusError) -> [Job] in
                guard !contents.isClosed, !Task.isCancelled else { throw .closed }
                return contents.lanes[lane]?.take(limit) ?? []
            }
            if !taken.isEmpty { return taken }
            await waitForNews(in: lane)
        }
    }

    /// Ends all waiting; nothing is published or received any more.
    package func close() {
        let woken = contents.withLock { contents in
            contents.isClosed = true
            defer { contents.waiters = [:] }
            return contents.waiters.values.flatMap(\.values)
        }
        for waiter in woken { waiter.resume() }
    }

    private func waitForNews(in lane: Lane) async {
        let number = contents.withLock { contents in
            contents.nextWaiter += 1
            return contents.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: Waiter) in
                let isOver = contents.withLock { contents in
                    // Looked at again under the lock: what came meanwhile found no waiter to wake.
                    if contents.isClosed || Task.isCancelled || !(contents.lanes[lane]?.isEmpty ?? true) { return true }
                    contents.waiters[lane, default: [:]][number] = waiter
                    return false
                }
                if isOver { waiter.resume() }
            }
        } onCancel: {
            contents.withLock { $0.waiters[lane]?.removeValue(forKey: number) }?.resume()
        }
    }
}
