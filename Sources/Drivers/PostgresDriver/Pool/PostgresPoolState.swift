/// Who has which connection and who waits: the decisions of `PostgresPool`, as a value under its lock.
///
/// Nothing here calls a connection or resumes a caller: each step answers `Actions`, which the pool carries out after unlocking.
struct PostgresPoolState {
    typealias Lease = Result<PostgresConnection, PostgresError>

    /// A caller in the queue.
    struct Waiter: Sendable {
        let id: UInt64
        let deadline: ContinuousClock.Instant
        let continuation: CheckedContinuation<Lease, Never>
    }

    enum Phase: Equatable {
        /// Nothing is connected yet. Exits: running.
        case waitingForRun
        /// Exits: draining.
        case running
        /// Nobody gets a connection; those in use come back until the deadline. Exits: closed.
        case draining(until: ContinuousClock.Instant)
        /// Nothing is connected any more. No exit.
        case closed
    }

    /// What is to be done once the lock is released.
    struct Actions: Sendable {
        var leases: [(waiter: Waiter, lease: Lease)] = []
        var connectionsToClose: [PostgresConnection] = []
        var connectionsToMake = 0
        var isDrained = false
    }

    let connectionLimit: Int
    let waiterLimit: Int

    private(set) var phase = Phase.waitingForRun
    private(set) var waiters: [Waiter] = []
    private(set) var open: [UInt64: PostgresConnection] = [:]
    private(set) var idle: [UInt64] = []
    private(set) var connectingCount = 0

    private var lastFailure: PostgresError?
    private var retryDelay = Self.firstRetryDelay
    private var retryTime: ContinuousClock.Instant?
    private var issuedWaiterID: UInt64 = 0

    /// A server that restarts is back within a second or two; one that stays away is asked every two seconds.
    private static let firstRetryDelay = Duration.milliseconds(50)
    private static let longestRetryDelay = Duration.seconds(2)

    init(connectionLimit: Int, waiterLimit: Int) {
        self.connectionLimit = connectionLimit
        self.waiterLimit = waiterLimit
    }

    mutating func nextWaiterID() -> UInt64 {
        issuedWaiterID += 1
        return issuedWaiterID
    }
}

// MARK: - Leasing

extension PostgresPoolState {
    /// The connection used last, if one is idle; it is the likeliest to have everything prepared.
    mutating func takeIdle() -> PostgresConnection? {
        guard phase == .running, let id = idle.popLast() else { return nil }
        return open[id]
    }

    /// Queues a caller, or refuses it.
    mutating func enqueue(_ waiter: Waiter, now: ContinuousClock.Instant) -> Actions {
        var actions = Actions()
        switch phase {
        case .draining, .closed:
            actions.leases = [(waiter, .failure(PostgresError(.poolClosed)))]
        case .waitingForRun, .running:
            if let connection = takeIdle() {
                actions.leases = [(waiter, .success(connection))]
            } else if waiters.count >= waiterLimit {
                actions.leases = [(waiter, .failure(PostgresError(.tooManyWaiters)))]
            } else {
                waiters.append(waiter)
                actions.connectionsToMake = startConnecting(now: now)
            }
        }
        return actions
    }

    /// Takes a caller out of the queue, in order to tell it something else than a connection.
    mutating func removeWaiter(_ id: UInt64) -> Waiter? {
        // The queue is bounded and its callers in the order of their ids, so a search costs little.
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return nil }
        return waiters.remove(at: index)
    }

    /// A caller is done with its connection.
    mutating func release(_ connection: PostgresConnection, isReusable: Bool, now: ContinuousClock.Instant) -> Actions {
        guard isReusable, phase == .running else { return discard(connection, now: now) }
        return offer(connection)
    }

    /// An idle connection broke; one in use is discarded when it is released.
    mutating func removeBroken(_ id: UInt64, now: ContinuousClock.Instant) -> Actions {
        guard let index = idle.firstIndex(of: id), let connection = open[id] else { return Actions() }
        idle.remove(at: index)
        return discard(connection, now: now)
    }

    /// Forgets a connection that nobody has and nobody shall get.
    mutating func discard(_ connection: PostgresConnection, now: ContinuousClock.Instant) -> Actions {
        var actions = Actions()
        open[connection.id] = nil
        actions.connectionsToClose = [connection]
        actions.connectionsToMake = startConnecting(now: now)
        actions.isDrained = closeIfEmpty()
        return actions
    }

    private mutating func offer(_ connection: PostgresConnection) -> Actions {
        var actions = Actions()
        if waiters.isEmpty {
            idle.append(connection.id)
        } else {
            actions.leases = [(waiters.removeFirst(), .success(connection))]
        }
        return actions
    }
}

// MARK: - Connecting

extension PostgresPoolState {
    /// How many connections are to be made now; they count as connecting from here on.
    private mutating func startConnecting(now: ContinuousClock.Instant) -> Int {
        guard phase == .running else { return 0 }
        if let retryTime, now < retryTime { return 0 }
        // A server that refused is asked by one attempt at a time.
        let attemptLimit = lastFailure == nil ? waiters.count : 1
        let wanted = max(0, min(attemptLimit - connectingCount, waiters.count - connectingCount, connectionLimit - open.count - connectingCount))
        connectingCount += wanted
        return wanted
    }

    mutating func connected(_ connection: PostgresConnection, now: ContinuousClock.Instant) -> Actions {
        connectingCount -= 1
        guard phase == .running else {
            var actions = Actions(connectionsToClose: [connection])
            actions.isDrained = closeIfEmpty()
            return actions
        }
        (lastFailure, retryTime, retryDelay) = (nil, nil, Self.firstRetryDelay)
        open[connection.id] = connection
        var actions = offer(connection)
        actions.connectionsToMake = startConnecting(now: now)
        return actions
    }

    /// The callers keep waiting, as the server may be back before their deadline; `spread` in 0.5...1 keeps processes from asking in step.
    mutating func connectingFailed(_ error: PostgresError, now: ContinuousClock.Instant, spread: Double) -> Actions {
        connectingCount -= 1
        lastFailure = error
        retryTime = now + retryDelay * spread
        retryDelay = min(retryDelay * 2, Self.longestRetryDelay)
        var actions = Actions()
        actions.isDrained = closeIfEmpty()
        return actions
    }
}

// MARK: - Time and end

extension PostgresPoolState {
    /// Connects for the callers that are here already.
    mutating func startRunning(now: ContinuousClock.Instant) -> Actions {
        guard phase == .waitingForRun else { return Actions() }
        phase = .running
        return Actions(connectionsToMake: startConnecting(now: now))
    }

    /// What is due: waiting callers whose time is up, the next attempt to connect, the end of draining.
    mutating func tick(now: ContinuousClock.Instant) -> Actions {
        var actions = Actions()
        // All callers wait equally long, so the first in the queue is always the first to give up.
        while let first = waiters.first, first.deadline <= now {
            actions.leases.append((waiters.removeFirst(), .failure(reasonForWaiting)))
        }
        actions.connectionsToMake = startConnecting(now: now)
        if case .draining(let deadline) = phase, deadline <= now {
            actions.connectionsToClose = Array(open.values)
            open = [:]
            actions.isDrained = closeIfEmpty(despiteConnecting: true)
        }
        return actions
    }

    private var reasonForWaiting: PostgresError {
        if open.isEmpty, let lastFailure { return lastFailure }
        return PostgresError(.timedOut)
    }

    /// Refuses everybody who waits, closes what is idle and waits for what is in use.
    mutating func startDraining(until deadline: ContinuousClock.Instant) -> Actions {
        guard phase == .running else { return Actions() }
        phase = .draining(until: deadline)
        var actions = Actions()
        actions.leases = waiters.map { ($0, .failure(PostgresError(.poolClosed))) }
        actions.connectionsToClose = idle.compactMap { open.removeValue(forKey: $0) }
        (waiters, idle) = ([], [])
        actions.isDrained = closeIfEmpty()
        return actions
    }

    /// Whether this was the last connection of a pool that drains.
    ///
    /// One that is being made counts: the server may be stopped next, and would end it with a message to the terminal.
    private mutating func closeIfEmpty(despiteConnecting: Bool = false) -> Bool {
        guard case .draining = phase, open.isEmpty, connectingCount == 0 || despiteConnecting else { return false }
        phase = .closed
        return true
    }
}
