import CLinux
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
    ///
    /// The session of its own keeps Ctrl-C at the terminal away from the child: we decide in which order things stop.
    static func start(_ command: Command) throws(LocalServerError) -> ChildProcess {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, command.inputFile, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, command.logFile, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        linux_spawn_change_directory(&actions, command.workingFolder)
        linux_spawn_close_from(&actions, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        linux_spawn_new_session(&attributes)
        var processID = pid_t()
        let code = withMutableCStrings(command.words) { arguments in
            withMutableCStrings(["PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"]) { environment in
                posix_spawn(&processID, command.words[0], &actions, &attributes, arguments, environment)
            }
        }
        guard code == 0 else { throw .system(call: "starting \(command.words[0])", reason: Files.reason(code)) }
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
