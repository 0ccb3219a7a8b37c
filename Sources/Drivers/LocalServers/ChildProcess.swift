import DriverThreads
import Glibc

/// A command line with the surroundings of the process it becomes.
struct Command: Sendable {
    /// Absolute path of the program, then its arguments.
    var words: [String]
    var workingFolder: String
    /// Receives standard output and standard error, appended.
    var logFile: String
    /// Read as standard input; `/dev/null` when the program reads nothing.
    var inputFile = "/dev/null"
}

/// A child with its own session and no descriptors of ours; a thread waits for its end, so the pool never does.
final class ChildProcess: Sendable {
    private struct State {
        /// Set under the lock in which the child is collected: before, its id cannot belong to anybody else.
        var hasEnded = false
        var exitStatus: Int32 = -1
        var waiters: [Int: CheckedContinuation<Bool, Never>] = [:]
        var nextWaiter = 0
    }

    let processID: pid_t
    private let state = ConditionLock(State())

    private init(processID: pid_t) { self.processID = processID }

    /// Starts `command` with an environment of its own.
    static func start(_ command: Command) throws(LocalServerError) -> ChildProcess {
        let start = ProcessStart(
            command.words, environment: ["PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"], in: command.workingFolder,
            descriptors: [
                (0, .file(command.inputFile, flags: O_RDONLY)), (1, .file(command.logFile, flags: O_WRONLY | O_CREAT | O_APPEND)),
                (2, .descriptor(1)),
            ])
        let processID: pid_t
        do { processID = try start.spawn() } catch {
            throw .system(call: "starting \(command.words[0])", reason: Files.reason(error.errno))
        }
        let child = ChildProcess(processID: processID)
        do throws(ThreadStartError) {
            try DedicatedThread.start(name: "child-exit") { child.collect() }
        } catch {
            kill(processID, SIGKILL)
            waitpid(processID, nil, 0)
            throw .system(call: "watching \(command.words[0])", reason: "\(error)")
        }
        return child
    }

    /// Whether the child has ended.
    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    /// Whether the child has ended with exit code 0.
    var succeeded: Bool { state.withLock { $0.hasEnded && $0.exitStatus == 0 } }

    /// Sends a signal; after the end of the child it does nothing.
    func send(_ signal: Int32) {
        state.withLock { state in
            if !state.hasEnded { kill(processID, signal) }
        }
    }

    /// Blocks a dedicated thread until the child has ended; answers whether it has within `limit`.
    func waitForEnd(atMost limit: Duration) -> Bool {
        state.wait(atMost: limit) { $0.hasEnded ? true : nil } ?? false
    }

    /// Suspends the task until the child has ended, or the task is cancelled; answers whether it has ended.
    func ended() async -> Bool {
        let waiter = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // A cancellation before this point found no waiter, so it is looked for again under the lock.
                let answer: Bool? = state.withLock { state in
                    if state.hasEnded { return true }
                    if Task.isCancelled { return false }
                    state.waiters[waiter] = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiting = state.withLock { $0.waiters.removeValue(forKey: waiter) }
            waiting?.resume(returning: false)
        }
    }

    private func collect() {
        var information = siginfo_t()
        // WNOWAIT leaves the child uncollected, so that its id stays taken until the lock is held.
        while waitid(P_PID, id_t(processID), &information, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
        let waiters = state.withLock { state in
            waitpid(processID, &state.exitStatus, 0)
            state.hasEnded = true
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume(returning: true) }
    }
}
