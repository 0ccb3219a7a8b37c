import Glibc
import SandboxProtocol
import Synchronization

/// One worker process: its socket, the run it is busy with, and its end.
///
/// The mutex guards all of it. Whoever wants to say something writes at once, without blocking; only the supervisor's thread reads and reaps.
final class SandboxWorker: Sendable {
    /// Answers that wait because the worker does not read; above it the run is given up.
    private static let maximumOutgoingBytes = 64 << 20

    struct ActiveRun {
        let number: UInt32
        let queue: MessageQueue
        let deadline: ContinuousClock.Instant
        var ledger = RunLedger()
        /// The engine's last words, which come before an exit for CPU time.
        var backtrace: String?
    }

    struct State {
        var process: pid_t = 0
        var descriptor: Int32 = -1
        var decoder = SandboxFrameDecoder(maximumPayloadBytes: SandboxLimits.outgoingPayloadBytes)
        var outgoing = OutgoingBytes()
        var run: ActiveRun?
        var runCount = 0
        var loadedScript: SandboxScript?
        /// Killed, dead or given up: takes no run any more.
        var isDoomed = false
    }

    /// Whose scripts run here; never another's.
    let trustDomain: String
    let maximumRuns: Int
    private let registry: WorkerRegistry
    let state = Mutex(State())

    init(trustDomain: String, maximumRuns: Int, registry: WorkerRegistry) {
        self.trustDomain = trustDomain
        self.maximumRuns = maximumRuns
        self.registry = registry
    }

    /// Gives the worker a run; its frames wait here until the process is there.
    ///
    /// Answers the run's number, or nil if the worker has ended in the meantime.
    func begin(_ frames: [SandboxFrame], script: SandboxScript, queue: MessageQueue, deadline: ContinuousClock.Instant) -> UInt32? {
        state.withLock { state in
            guard !state.isDoomed else { return nil }
            state.runCount += 1
            let number = UInt32(truncatingIfNeeded: state.runCount)
            state.run = ActiveRun(number: number, queue: queue, deadline: deadline)
            if state.loadedScript != script {
                state.outgoing.append(SandboxFrame(.script, run: number, payload: Array(script.source.utf8)))
                state.loadedScript = script
            }
            for var frame in frames {
                frame.run = number
                state.outgoing.append(frame)
            }
            Self.flush(&state)
            return number
        }
    }

    /// Sends the answer to a call; one to a run that is over or a call that is not open is dropped.
    ///
    /// Answers whether bytes are left for the supervisor's thread to write.
    func answer(_ frame: SandboxFrame) -> Bool {
        let waiting: Int? = state.withLock { state in
            guard state.run?.number == frame.run, state.run?.ledger.close(call: frame.id) == true else { return nil }
            state.outgoing.append(frame)
            Self.flush(&state)
            return state.outgoing.count
        }
        guard let waiting, waiting > 0 else { return false }
        if waiting > Self.maximumOutgoingBytes { terminate(run: frame.run, .protocolError("answers are not read")) }
        return true
    }

    /// Kills the process if it is still busy with this run.
    func terminate(run number: UInt32, _ end: SandboxEnd) {
        let run = state.withLock { $0.run?.number == number ? Self.doom(&$0) : nil }
        guard let run else { return }
        registry.remove(self)
        run.queue.end(with: .ended(end))
    }

    /// Kills the process, whatever it does.
    func retire(throwing error: SandboxError) {
        let run = state.withLock { Self.doom(&$0) }
        registry.remove(self)
        run?.queue.end(throwing: error)
    }

    /// Kills the process because of what it sent.
    func condemn(_ reason: String) {
        let run = state.withLock { Self.doom(&$0) }
        registry.remove(self)
        run?.queue.end(with: .ended(.protocolError(reason)))
    }

    /// Notes the process once it is started.
    func attach(process: pid_t, descriptor: Int32) {
        state.withLock { state in
            state.process = process
            state.descriptor = descriptor
            // Given up while it was being started.
            if state.isDoomed { kill(process, SIGKILL) } else { Self.flush(&state) }
        }
    }

    private static func doom(_ state: inout State) -> ActiveRun? {
        state.isDoomed = true
        // The id cannot be another process's: it is set back under this lock when ours is reaped.
        if state.process > 0 { kill(state.process, SIGKILL) }
        defer { state.run = nil }
        return state.run
    }

    /// Writes what the socket takes now; the supervisor's thread writes the rest.
    static func flush(_ state: inout State) {
        let descriptor = state.descriptor
        guard descriptor >= 0 else { return }
        // An error other than "full" means that the worker is gone, which its end of the socket will tell.
        state.outgoing.drain { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)) }
    }
}
