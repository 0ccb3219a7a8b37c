import Synchronization

/// Which workers are busy, which are idle, and whose they are.
final class WorkerRegistry: Sendable {
    private struct State {
        var busy: [ObjectIdentifier: SandboxWorker] = [:]
        /// Longest idle first.
        var idle: [(worker: SandboxWorker, since: ContinuousClock.Instant)] = []
        var isClosed = false
    }

    private let configuration: SandboxConfiguration
    private let gate: AdmissionGate
    private let state = Mutex(State())

    init(configuration: SandboxConfiguration) {
        self.configuration = configuration
        gate = AdmissionGate(
            permits: configuration.maximumWorkers, reservedForUrgent: configuration.workersReservedForUrgent,
            maximumWaiting: configuration.maximumWaiting)
    }

    /// A worker for the trust domain, waiting for a free place if all are taken; `isNew` means that it has no process yet.
    func checkOut(
        trustDomain: String, isUrgent: Bool, maximumRuns: Int
    ) async throws(SandboxError) -> (worker: SandboxWorker, isNew: Bool) {
        try await gate.acquire(isUrgent: isUrgent)
        let (found, evicted): ((SandboxWorker, Bool)?, SandboxWorker?) = state.withLock { state in
            if state.isClosed { return (nil, nil) }
            // The one used last has the warmest caches.
            if let index = state.idle.lastIndex(where: { $0.worker.trustDomain == trustDomain }) {
                let worker = state.idle.remove(at: index).worker
                state.busy[ObjectIdentifier(worker)] = worker
                return ((worker, false), nil)
            }
            // A permit promises that fewer than the maximum are busy, so if all places are taken one holds an idle worker.
            let isCrowded = state.busy.count + state.idle.count >= configuration.maximumWorkers
            let evicted = isCrowded && !state.idle.isEmpty ? state.idle.removeFirst().worker : nil
            let worker = SandboxWorker(trustDomain: trustDomain, maximumRuns: maximumRuns, registry: self)
            state.busy[ObjectIdentifier(worker)] = worker
            return ((worker, true), evicted)
        }
        evicted?.retire(throwing: .closed)
        guard let found else {
            gate.release()
            throw .closed
        }
        return found
    }

    /// Takes a worker back whose run is over; one that is used up is ended.
    func checkIn(_ worker: SandboxWorker) {
        let isUsedUp = worker.state.withLock { $0.isDoomed || $0.runCount >= worker.maximumRuns }
        let isKept = state.withLock { state in
            guard !isUsedUp, !state.isClosed, state.busy.removeValue(forKey: ObjectIdentifier(worker)) != nil else { return false }
            state.idle.append((worker, .now))
            return true
        }
        if isKept { gate.release() } else { worker.retire(throwing: .closed) }
    }

    /// Forgets a worker that is dead or dying; its place is free at once.
    func remove(_ worker: SandboxWorker) {
        let wasBusy = state.withLock { state in
            state.idle.removeAll { $0.worker === worker }
            return state.busy.removeValue(forKey: ObjectIdentifier(worker)) != nil
        }
        if wasBusy { gate.release() }
    }

    /// Ends the workers that were idle too long.
    func retireIdle(at now: ContinuousClock.Instant) {
        let expired = state.withLock { state in
            let split = state.idle.prefix { $0.since + configuration.idleLifetime <= now }.count
            defer { state.idle.removeFirst(split) }
            return state.idle.prefix(split).map(\.worker)
        }
        for worker in expired { worker.retire(throwing: .closed) }
    }

    /// Refuses new runs and ends all workers.
    func close() {
        let workers = state.withLock { state in
            state.isClosed = true
            return Array(state.busy.values) + state.idle.map(\.worker)
        }
        gate.close()
        for worker in workers { worker.retire(throwing: .closed) }
    }
}
