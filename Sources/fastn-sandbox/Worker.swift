import CSandbox
import Glibc
import SandboxProtocol

/// Serves runs, one after another, each in a fresh context.
struct Worker {
    /// The run that the engine's callbacks belong to. Only the main thread touches it: scripts run there and callbacks with them.
    nonisolated(unsafe) static var currentRun: Run?
    static var currentRunNumber: UInt32 { currentRun?.number ?? 0 }

    /// A collection costs up to 4 ms, a finished run leaves 0.2 MB: so not after each one, and early when a run left much.
    private static let runsPerCollection = 16
    private static let memoryShareForCollection: UInt64 = 4

    private let options: Options
    private let engine: Engine
    private var channel = Channel()
    private var script: [UInt8] = []
    /// Made while the worker has nothing else to do, so that no run waits half a millisecond for its context.
    private var spare: Run?
    private var runsSinceCollection = 0

    init(options: Options, engine: Engine) {
        self.options = options
        self.engine = engine
        spare = Run(engine: engine)
    }

    /// Returns when the supervisor has closed the socket or sent something that no supervisor sends.
    mutating func serve() {
        while let frame = channel.receive() {
            switch frame.kind {
            case .script: script = frame.payload
            case .open: guard open(frame) else { return }
            case .input, .body, .start, .check, .value, .error: handle(frame)
            case .ready, .call, .log, .turn, .result, .failure, .limit: return
            }
        }
    }

    private mutating func open(_ frame: SandboxFrame) -> Bool {
        guard Worker.currentRun == nil, let run = spare else { return false }
        spare = nil
        run.number = frame.run
        Worker.currentRun = run
        fastn_sandbox_arm_memory_watch(true)
        guard fastn_sandbox_arm_cpu_timer(options.cpuLimitMilliseconds) == 0 else { return false }
        run.deliver(frame)
        return true
    }

    private mutating func handle(_ frame: SandboxFrame) {
        // Answers to a run that is over may still be under way.
        guard let run = Worker.currentRun, run.number == frame.run else { return }
        if frame.kind == .start || frame.kind == .check { run.load(script) }
        run.deliver(frame)
        // Input and body only bring the start nearer.
        if frame.kind == .input || frame.kind == .body, run.outcome == nil { return }
        Channel.send(run.endOfTurn())
        if run.outcome != nil { close() }
    }

    private mutating func close() {
        Worker.currentRun = nil
        _ = fastn_sandbox_arm_cpu_timer(0)
        fastn_sandbox_arm_memory_watch(false)
        collectGarbage()
        spare = Run(engine: engine)
    }

    private mutating func collectGarbage() {
        runsSinceCollection += 1
        let crowded = fastn_sandbox_private_memory() > options.memoryLimitBytes / Self.memoryShareForCollection
        guard crowded || runsSinceCollection >= Self.runsPerCollection else { return }
        engine.collectGarbage()
        runsSinceCollection = 0
    }
}
