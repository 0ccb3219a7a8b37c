import DriverThreads
import Glibc
import Logging
import Synchronization

/// Starts one server as our child, starts it again when it dies, and stops it.
///
/// Exits of the life cycle: `start` once, then `run` for as long as the server is wanted, then `stop`; `stop` may come at any moment.
final class ServerSupervisor<Program: ServerProgram>: Sendable {
    /// The wait before a server that died is started again doubles from the first to the second value.
    private static var restartDelays: (shortest: Duration, longest: Duration) { (.milliseconds(100), .seconds(15)) }
    /// A server that lived this long died of something new, so the wait starts from the shortest again.
    private static var healthyLifetime: Duration { .seconds(60) }
    /// Another process may take a free port between our look and the server's bind.
    private static var portAttempts: Int { 5 }
    private static var pollMicroseconds: useconds_t { 10_000 }
    private static var logCheckInterval: Duration { .seconds(60) }

    private struct State {
        var isStopping = false
        var child: ChildProcess?
        var lock: FolderLock?
        var port = 0
    }

    let program: Program
    private let startTimeout: Duration
    private let logger: Logger
    private let state = Mutex(State())

    init(program: Program, startTimeout: Duration, logger: Logger) {
        self.program = program
        self.startTimeout = startTimeout
        self.logger = logger
    }

    /// Makes the folder ready, stops orphans and starts the server; answers the port once it is ready.
    func start() async throws(LocalServerError) -> Int {
        try await onThread("server-start") { () throws(LocalServerError) in try self.startBlocking() }
    }

    /// Keeps the server alive until `stop()` or until the task is cancelled, which leaves the server running.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.keepAlive() }
            group.addTask { await self.keepLogSmall() }
            await group.next()
            group.cancelAll()
        }
    }

    /// Ends the server and frees the folder; also when the calling task is cancelled. Calling it again does nothing.
    func stop() async {
        await DedicatedThread.run(name: "server-stop") { self.stopBlocking() }
    }

    private func onThread<Value: Sendable>(
        _ name: String, _ body: @escaping @Sendable () throws(LocalServerError) -> Value
    ) async throws(LocalServerError) -> Value {
        try await DedicatedThread.run(name: name, refusal: { .system(call: "starting \(program.name)", reason: "\($0)") }, body)
    }

    private func keepAlive() async {
        var delay = Self.restartDelays.shortest
        while let child = state.withLock({ $0.isStopping ? nil : $0.child }) {
            let since = ContinuousClock.now
            guard await child.ended(), !state.withLock({ $0.isStopping }) else { return }
            if ContinuousClock.now - since > Self.healthyLifetime { delay = Self.restartDelays.shortest }
            logger.info("local server died, starting it again", metadata: ["server": "\(program.name)", "delay": "\(delay)"])
            // The only error of a sleep is cancellation, and then there is nothing left to keep alive.
            guard (try? await Task.sleep(for: delay)) != nil else { return }
            delay = min(delay * 2, Self.restartDelays.longest)
            do throws(LocalServerError) {
                try await onThread("server-restart") { () throws(LocalServerError) in try self.restartBlocking() }
            } catch {
                // The dead child is still the current one, so the loop comes here again after the next, longer delay.
                logger.info("local server does not start", metadata: ["server": "\(program.name)", "error": "\(error)"])
            }
        }
    }

    private func keepLogSmall() async {
        // The only error of a sleep is cancellation, which ends this loop.
        while (try? await Task.sleep(for: Self.logCheckInterval)) != nil { program.log.trim() }
    }
}

// What follows blocks and runs on dedicated threads only.
extension ServerSupervisor {
    private func startBlocking() throws(LocalServerError) -> Int {
        try Files.createFolder(program.folder)
        let lock = try FolderLock.take(folder: program.folder)
        state.withLock { $0.lock = lock }
        do throws(LocalServerError) {
            try OrphanStopper(program: program).stopOrphans()
            let account = try ServerAccount.choose(forDataIn: program.dataFolder)
            try account.checkReach(of: program.folder)
            try program.prepare(as: account)
            return try launchOnSomePort(as: account)
        } catch {
            state.withLock { $0.lock = nil }
            throw error
        }
    }

    private func launchOnSomePort(as account: ServerAccount) throws(LocalServerError) -> Int {
        var port = program.port
        if port != 0 {
            guard LoopbackPort.isFree(port) else { throw .portInUse(program: program.name, port: port) }
            try launch(port: port, as: account)
            return port
        }
        port = Files.read(program.portFile).flatMap { Int($0.filter(\.isNumber)) } ?? 0
        for attempt in 1... {
            if port == 0 || !LoopbackPort.isFree(port) { port = try LoopbackPort.pickFree() }
            do throws(LocalServerError) {
                try launch(port: port, as: account)
                break
            } catch .portInUse where attempt < Self.portAttempts {
                port = 0
            }
        }
        try Files.write("\(port)\n", to: program.portFile)
        return port
    }

    private func restartBlocking() throws(LocalServerError) {
        let account = try ServerAccount.choose(forDataIn: program.dataFolder)
        try program.prepare(as: account)
        try launch(port: state.withLock { $0.port }, as: account)
    }

    private func launch(port: Int, as account: ServerAccount) throws(LocalServerError) {
        program.log.trim()
        let mark = program.log.size
        let command = try program.command(port: port, as: account)
        let child = try startChild(command, port: port)
        do throws(LocalServerError) {
            if let identity = ProcessIdentity(running: child.processID) { try Files.write(identity.record, to: program.processFile) }
            try waitUntilReady(child, port: port, logMark: mark)
        } catch {
            end(child)
            throw error
        }
    }

    /// Starts the child and makes it the current one in one step, so that `stop()` either prevents it or sees it.
    private func startChild(_ command: Command, port: Int) throws(LocalServerError) -> ChildProcess {
        try state.withLock { state throws(LocalServerError) in
            guard !state.isStopping else { throw .stopped(program: program.name) }
            let child = try ChildProcess.start(command)
            state.child = child
            state.port = port
            return child
        }
    }

    private func waitUntilReady(_ child: ChildProcess, port: Int, logMark: Int) throws(LocalServerError) {
        let deadline = ContinuousClock.now + startTimeout
        while !program.isReady(processID: child.processID, port: port) {
            if state.withLock({ $0.isStopping }) { throw .stopped(program: program.name) }
            if child.hasEnded { throw startFailure(port: port, log: program.log.text(after: logMark)) }
            if ContinuousClock.now > deadline { throw .startTimedOut(program: program.name, logFile: program.log.path) }
            usleep(Self.pollMicroseconds)
        }
    }

    private func startFailure(port: Int, log: String) -> LocalServerError {
        if let known = program.diagnosis(of: log) { return known }
        if log.contains("No space left on device") || log.contains("no space left on device") { return .diskFull(folder: program.folder) }
        let lowered = log.lowercased()
        if lowered.contains("address already in use") { return .portInUse(program: program.name, port: port) }
        let lines = log.split(separator: "\n")
        let reason = lines.last { $0.contains("FATAL") || $0.contains("[FTL]") } ?? lines.last ?? "it said nothing"
        return .startFailed(program: program.name, reason: String(reason.prefix(300)), logFile: program.log.path)
    }

    private func stopBlocking() {
        let child = state.withLock { state in
            state.isStopping = true
            return state.child
        }
        if let child { end(child) }
        state.withLock { $0.lock = nil }
    }

    private func end(_ child: ChildProcess) {
        for signal in program.stopSignals where !child.hasEnded {
            child.send(signal.number)
            if child.waitForEnd(atMost: signal.patience) { break }
        }
        // A server that ignores every signal keeps its pid file, so that the next start finds it.
        if child.hasEnded { unlink(program.processFile) }
    }
}
