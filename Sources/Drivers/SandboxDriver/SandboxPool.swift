import DriverThreads
import SandboxProtocol
import Synchronization

/// A bounded set of worker processes that run customers' scripts, each process for one trust domain only.
///
/// A run is opened, followed through its ``SandboxSession``, and leaves its worker to the next run of the same domain.
package final class SandboxPool: Sendable {
    /// A machine without a free thread has one again when somebody ends; meanwhile runs wait.
    private static let threadRetryDelay = Duration.seconds(1)

    private let configuration: SandboxConfiguration
    private let registry: WorkerRegistry
    private let supervisor: WorkerSupervisor
    private let singleUseDomains = Mutex(0)

    package init(configuration: SandboxConfiguration) {
        self.configuration = configuration
        registry = WorkerRegistry(configuration: configuration)
        supervisor = WorkerSupervisor(configuration: configuration, registry: registry)
    }

    /// Serves until the task is cancelled, then ends every worker and returns; runs under way throw ``SandboxError/closed``.
    ///
    /// Call it once. Without it runs can be opened but do not start.
    package func run() async {
        await withTaskCancellationHandler {
            await supervise()
        } onCancel: {
            supervisor.stop()
        }
    }

    private func supervise() async {
        while true {
            do throws(ThreadStartError) {
                return try await DedicatedThread.run(
                    name: "sandboxes", refusal: { $0 }, { [supervisor] () throws(ThreadStartError) in supervisor.run() })
            } catch {
                // The sleep fails (try?) when the pool is to stop; without a worker that takes no time, so it needs no thread.
                guard (try? await Task.sleep(for: Self.threadRetryDelay)) != nil else { return supervisor.run() }
            }
        }
    }

    /// Starts a run as soon as a worker is free.
    ///
    /// - Parameters:
    ///   - trustDomain: Who the script belongs to, as a tenant's id; no process ever serves two.
    ///   - isUrgent: Whether somebody waits for the run; it goes before those for whom nobody does.
    /// - Throws: ``SandboxError/overloaded``, ``SandboxError/cancelled``, ``SandboxError/closed``, ``SandboxError/tooLarge(bytes:)``.
    ///   That a process could not be started shows in ``SandboxSession/next()``.
    package func open(
        trustDomain: String, isUrgent: Bool = false, script: SandboxScript, start: SandboxStart
    ) async throws(SandboxError) -> SandboxSession {
        try await open(
            trustDomain: trustDomain, isUrgent: isUrgent,
            maximumRuns: configuration.runsPerWorker, script: script, frames: start.frames, limit: start.wallClockLimit)
    }

    /// Loads a script in a process of its own and looks at its default export, without calling it.
    func openCheck(of script: SandboxScript, limit: Duration) async throws(SandboxError) -> SandboxSession {
        let number = singleUseDomains.withLock { count in
            count += 1
            return count
        }
        var start = SandboxStart(seed: 0, nowMilliseconds: 0, wallClockLimit: limit).frames
        start[start.count - 1] = SandboxFrame(.check, run: 0)
        // The space keeps it apart from every real domain.
        return try await open(trustDomain: "check \(number)", isUrgent: true, maximumRuns: 1, script: script, frames: start, limit: limit)
    }

    private func open(
        trustDomain: String, isUrgent: Bool, maximumRuns: Int, script: SandboxScript, frames: [SandboxFrame], limit: Duration
    ) async throws(SandboxError) -> SandboxSession {
        let largest = max(script.source.utf8.count, frames.map(\.payload.count).max() ?? 0)
        guard largest <= SandboxLimits.payloadBytes else { throw .tooLarge(bytes: largest) }
        while true {
            let (worker, isNew) = try await registry.checkOut(trustDomain: trustDomain, isUrgent: isUrgent, maximumRuns: maximumRuns)
            let queue = MessageQueue()
            // One that ended since it was chosen is forgotten by the registry, so the next choice is another.
            guard let run = worker.begin(frames, script: script, queue: queue, deadline: .now + limit) else { continue }
            if isNew { supervisor.start(worker) } else { supervisor.lookAgain() }
            return SandboxSession(run: run, worker: worker, queue: queue, script: script, supervisor: supervisor)
        }
    }
}

extension SandboxStart {
    /// The frames that open and start the run; the worker fills in its number.
    fileprivate var frames: [SandboxFrame] {
        let high = UInt32(truncatingIfNeeded: seed >> 32), low = UInt32(truncatingIfNeeded: seed)
        let members = Array("{\"headers\":".utf8) + headersJSON + Array(",\"context\":".utf8) + contextJSON + Array("}".utf8)
        return [
            SandboxFrame(.open, run: 0, payload: Array("{\"now\":\(nowMilliseconds),\"seed\":[\(high),\(low)]}".utf8)),
            SandboxFrame(.input, run: 0, payload: inputJSON), SandboxFrame(.body, run: 0, payload: rawBody),
            SandboxFrame(.start, run: 0, payload: members),
        ]
    }
}
