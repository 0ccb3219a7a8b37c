import DriverThreads
import Synchronization

/// A bounded number of connections to one database, shared by any number of tasks; no call blocks a thread.
///
/// `run()` must run for anything to be answered. Connections are made when callers wait for them, kept, and replaced when they break.
package final class PostgresPool: Sendable {
    /// What the pool holds at one moment.
    package struct Status: Sendable, Equatable {
        /// Connections that stand, in use or not.
        package let open: Int
        /// Connections that nobody uses.
        package let idle: Int
        /// Callers in the queue.
        package let waiting: Int
    }

    /// How many connections a service keeps at most: with two cores, throughput grows no more beyond 8 to 16.
    package static let defaultConnectionLimit = 8

    /// How many callers may wait: some seconds of work for the default number of connections; more would wait in vain.
    package static let defaultWaiterLimit = 1024

    private let configuration: PostgresConfiguration
    private let leaseTimeout: Duration
    private let drainTimeout: Duration
    private let state: Mutex<PostgresPoolState>
    private let workshop = Mutex<Workshop?>(nil)

    /// What `run()` brings with it: the threads that connect, cancel and read.
    private struct Workshop {
        let poller: PostgresPoller
        let connector: SerialThread
        let canceller: SerialThread
        var connectionCount: UInt64 = 0

        init(connectionLimit: Int) throws {
            poller = try PostgresPoller()
            connector = try SerialThread(name: "pg-connect", capacity: connectionLimit)
            canceller = try SerialThread(name: "pg-cancel", capacity: connectionLimit)
        }

        /// Ends the threads, each after what it is doing.
        func stop() {
            poller.stop()
            connector.finish()
            canceller.finish()
        }
    }

    /// A pool that connects to nothing before `run()`; `leaseTimeout` is how long a caller waits for a connection, `drainTimeout` how long the
    /// end of the pool waits for connections in use before it cuts them.
    package init(
        configuration: PostgresConfiguration, connectionLimit: Int = PostgresPool.defaultConnectionLimit,
        waiterLimit: Int = PostgresPool.defaultWaiterLimit, leaseTimeout: Duration = .seconds(5),
        drainTimeout: Duration = .seconds(5)
    ) {
        precondition(connectionLimit > 0 && waiterLimit > 0, "a pool without room")
        self.configuration = configuration
        self.leaseTimeout = leaseTimeout
        self.drainTimeout = drainTimeout
        state = Mutex(PostgresPoolState(connectionLimit: connectionLimit, waiterLimit: waiterLimit))
    }

    /// How the pool stands; O(1).
    package var status: Status {
        state.withLock { Status(open: $0.open.count, idle: $0.idle.count, waiting: $0.waiters.count) }
    }

    /// Serves until the task is cancelled; then refuses callers, waits up to the drain timeout for statements that run, closes all connections
    /// and returns.
    ///
    /// Throws only if threads or descriptors cannot be had, or if it was called before.
    package func run() async throws {
        let workshop = try openWorkshop()
        carryOut(state.withLock { $0.startRunning(now: .now) })
        try await withTaskCancellationHandler {
            try await poll(with: workshop.poller)
        } onCancel: {
            carryOut(state.withLock { $0.startDraining(until: .now + drainTimeout) })
        }
    }

    /// Returns when the poller was stopped, which the last step of draining does.
    private func poll(with poller: PostgresPoller) async throws {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try DedicatedThread.start(name: "pg-poll") {
                    poller.run(onBroken: { self.removeBroken($0) }, onTick: { self.tick() })
                    continuation.resume()
                }
            } catch {
                // Without its thread the pool answers nobody: those who wait, and all who come, are told so.
                carryOut(state.withLock { $0.startDraining(until: .now) })
                continuation.resume(throwing: error)
            }
        }
    }

    private func openWorkshop() throws -> Workshop {
        let connectionLimit = state.withLock { $0.connectionLimit }
        return try workshop.withLock { workshop in
            guard workshop == nil else { throw PostgresError(.invalidUse, reason: "a pool runs once") }
            let opened = try Workshop(connectionLimit: connectionLimit)
            workshop = opened
            return opened
        }
    }

    private func removeBroken(_ id: UInt64) {
        carryOut(state.withLock { $0.removeBroken(id, now: .now) })
    }

    private func tick() {
        carryOut(state.withLock { $0.tick(now: .now) })
    }

    private func carryOut(_ actions: PostgresPoolState.Actions) {
        for (waiter, lease) in actions.leases { waiter.continuation.resume(returning: lease) }
        for connection in actions.connectionsToClose { connection.close() }
        for _ in 0..<actions.connectionsToMake { connectSoon() }
        if actions.isDrained { workshop.withLock { $0 }?.stop() }
    }
}

// MARK: - Leasing

extension PostgresPool {
    /// A connection for this caller alone until `release`. Throws `.timedOut`, `.tooManyWaiters`, `.connectionFailed`, `.cancelled`, `.poolClosed`.
    func lease() async throws(PostgresError) -> PostgresConnection {
        while let connection = state.withLock({ $0.takeIdle() }) {
            if connection.isStanding { return connection }
            carryOut(state.withLock { $0.discard(connection, now: .now) })
        }
        let id = state.withLock { $0.nextWaiterID() }
        let lease: PostgresPoolState.Lease = await withTaskCancellationHandler {
            await withCheckedContinuation { enqueue(PostgresPoolState.Waiter(id: id, deadline: .now + leaseTimeout, continuation: $0)) }
        } onCancel: {
            cancelWaiter(id)
        }
        return try lease.get()
    }

    /// Gives a connection back; a broken one, or one with an open transaction, is replaced.
    func release(_ connection: PostgresConnection) {
        let isReusable = connection.isReusable
        carryOut(state.withLock { $0.release(connection, isReusable: isReusable, now: .now) })
    }

    private func enqueue(_ waiter: PostgresPoolState.Waiter) {
        carryOut(state.withLock { $0.enqueue(waiter, now: .now) })
        // A cancellation before this line has found nobody in the queue.
        if Task.isCancelled { cancelWaiter(waiter.id) }
    }

    private func cancelWaiter(_ id: UInt64) {
        state.withLock { $0.removeWaiter(id) }?.continuation.resume(returning: .failure(PostgresError(.cancelled)))
    }
}

// MARK: - Connecting

extension PostgresPool {
    private func connectSoon() {
        let isTaken = workshop.withLock { $0?.connector.submit { self.connect() } ?? false }
        if !isTaken { connectingFailed(PostgresError(.poolClosed)) }
    }

    /// Runs on the connecting thread.
    private func connect() {
        do {
            let handle = try ConnectionHandle.open(configuration)
            let parts = workshop.withLock { workshop in
                workshop?.connectionCount += 1
                return workshop
            }
            guard let parts else { return connectingFailed(PostgresError(.poolClosed)) }
            let connection = PostgresConnection(id: parts.connectionCount, handle: handle, poller: parts.poller, canceller: parts.canceller)
            carryOut(state.withLock { $0.connected(connection, now: .now) })
        } catch {
            connectingFailed(error)
        }
    }

    private func connectingFailed(_ error: PostgresError) {
        let spread = Double.random(in: 0.5...1)
        carryOut(state.withLock { $0.connectingFailed(error, now: .now, spread: spread) })
    }
}
