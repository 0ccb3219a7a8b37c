import DriverThreads
import Glibc
import SandboxProtocol
import Synchronization

/// The one thread that starts workers, reads them, holds their deadlines and reaps them.
///
/// Workers ask the kernel to be killed when the thread that started them ends, so it must be this one.
final class WorkerSupervisor: Sendable {
    private struct State {
        var newWorkers: [SandboxWorker] = []
        var isStopping = false
        var hasStarted = false
    }

    /// Deadlines are looked at this often while workers live.
    private static let tickMilliseconds: Int32 = 50
    /// The end of a socket comes a moment before the process can be reaped.
    private static let reapMilliseconds: Int32 = 2
    private static let readByteCount = 64 << 10

    private let configuration: SandboxConfiguration
    private let registry: WorkerRegistry
    private let wakeUp: WakeUp
    private let state = Mutex(State())

    init(configuration: SandboxConfiguration, registry: WorkerRegistry) {
        self.configuration = configuration
        self.registry = registry
        wakeUp = WakeUp()
    }

    /// Asks for the worker's process.
    func start(_ worker: SandboxWorker) {
        state.withLock { $0.newWorkers.append(worker) }
        wakeUp.signal()
    }

    /// Has the thread look at all workers again: one has something to write, or room to be read.
    func lookAgain() {
        wakeUp.signal()
    }

    /// Makes ``run()`` end all workers and return.
    func stop() {
        state.withLock { $0.isStopping = true }
        wakeUp.signal()
    }

    /// Blocks its thread until ``stop()`` was called and every worker is reaped.
    func run() {
        var workers: [SandboxWorker] = []
        var chunk = [UInt8](repeating: 0, count: Self.readByteCount)
        while true {
            let (new, isStopping) = state.withLock { state in
                defer { state.newWorkers = [] }
                return (state.newWorkers, state.isStopping)
            }
            // Before starting anything: what is closed starts nothing, and what was taken over from the list is ended.
            if isStopping { registry.close() }
            for worker in new { spawn(worker) }
            workers += new
            let hasUnreaped = reap(&workers)
            if isStopping && workers.isEmpty { return }
            wait(for: workers, reading: &chunk, timeout: timeout(hasWorkers: !workers.isEmpty, hasUnreaped: hasUnreaped))
            endOverdue(workers)
        }
    }

    private func timeout(hasWorkers: Bool, hasUnreaped: Bool) -> Int32 {
        if hasUnreaped { return Self.reapMilliseconds }
        return hasWorkers ? Self.tickMilliseconds : -1
    }

    /// Forgets workers that are gone; answers whether one is about to go.
    private func reap(_ workers: inout [SandboxWorker]) -> Bool {
        var hasUnreaped = false
        workers.removeAll { worker in
            guard worker.isEnding else { return false }
            let isGone = worker.reap()
            if isGone { registry.remove(worker) } else { hasUnreaped = true }
            return isGone
        }
        return hasUnreaped
    }

    private func wait(for workers: [SandboxWorker], reading chunk: inout [UInt8], timeout: Int32) {
        var watched: [SandboxWorker] = []
        var descriptors = [pollfd(fd: wakeUp.readEnd, events: Int16(POLLIN), revents: 0)]
        for worker in workers {
            guard let interest = worker.interest else { continue }
            watched.append(worker)
            descriptors.append(interest)
        }
        guard poll(&descriptors, nfds_t(descriptors.count), timeout) > 0 else { return }
        if descriptors[0].revents != 0 { wakeUp.clear() }
        for (worker, descriptor) in zip(watched, descriptors.dropFirst()) {
            if descriptor.revents & Int16(POLLOUT) != 0 { worker.flushOutgoing() }
            // A hang-up is reported whether asked for or not; reading is what tells the end from leftover bytes.
            if descriptor.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 { read(worker, into: &chunk) }
        }
    }

    private func read(_ worker: SandboxWorker, into chunk: inout [UInt8]) {
        let received = worker.receive(into: &chunk)
        for (message, byteCount) in received.messages { received.queue?.push(message, byteCount: byteCount) }
        if let outcome = received.outcome {
            // First, so that whoever sees the outcome and asks for a worker finds this one.
            registry.checkIn(worker)
            received.queue?.end(with: outcome)
        }
        if let violation = received.violation { worker.condemn(violation) }
    }

    private func endOverdue(_ workers: [SandboxWorker]) {
        let now = ContinuousClock.now
        for worker in workers {
            if let run = worker.overdueRun(at: now) { worker.terminate(run: run, .wallClock) }
        }
        registry.retireIdle(at: now)
    }

    private func spawn(_ worker: SandboxWorker) {
        guard !worker.isEnding else { return }
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            return worker.retire(throwing: .cannotStart(errno: errno))
        }
        defer { close(ends[1]) }
        do {
            let process = try ProcessStart(
                [configuration.executablePath] + configuration.workerArguments, environment: SandboxConfiguration.workerEnvironment,
                descriptors: [(childs: 3, source: .descriptor(ends[1]))]
            ).spawn()
            worker.attach(process: process, descriptor: ends[0])
        } catch {
            close(ends[0])
            worker.retire(throwing: .cannotStart(errno: error.errno))
        }
    }
}

extension SandboxConfiguration {
    /// The engine without JIT and WebAssembly needs no executable memory, and without parallel collection no more threads.
    fileprivate static let workerEnvironment = [
        "JSC_useJIT=0", "JSC_useWasm=0", "JSC_useTailCalls=0", "JSC_useConcurrentGC=0", "JSC_numberOfGCMarkers=1",
        "Malloc=1", "TZ=UTC", "LANG=C.UTF-8",
    ]

    fileprivate var workerArguments: [String] {
        [
            "--parent=\(getpid())", "--unprivileged-id=\(unprivilegedID)", "--memory-limit-bytes=\(memoryLimitBytes)",
            "--address-space-headroom-bytes=\(addressSpaceHeadroomBytes)",
            "--entry-limit-milliseconds=\(perEntryLimit.wholeMilliseconds)", "--cpu-limit-milliseconds=\(cpuLimit.wholeMilliseconds)",
        ]
    }
}
