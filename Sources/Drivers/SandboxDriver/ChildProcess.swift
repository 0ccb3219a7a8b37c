import CLinux
import DriverThreads
import Glibc

/// Starting and ending processes that inherit nothing but what is named.
enum ChildProcess {
    struct Failure: Error { let errno: Int32 }

    /// How a process ended.
    enum Exit: Hashable { case status(Int32), signal(Int32) }

    /// Starts a program in a session of its own, so that a Ctrl-C at the server's terminal does not reach it. About 1 ms, blocking.
    ///
    /// - Parameters:
    ///   - environment: The whole environment, as `NAME=value`.
    ///   - descriptors: Our descriptor for each of the child's; of 0, 1 and 2 the others lead nowhere, everything else is closed.
    static func spawn(
        _ path: String, arguments: [String], environment: [String], descriptors: [(ours: Int32, childs: Int32)]
    ) throws(Failure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        for pair in descriptors { posix_spawn_file_actions_adddup2(&actions, pair.ours, pair.childs) }
        for standard in Int32(0)...2 where !descriptors.contains(where: { $0.childs == standard }) {
            posix_spawn_file_actions_addopen(&actions, standard, "/dev/null", O_RDWR, 0)
        }
        linux_spawn_close_from(&actions, 1 + max(2, descriptors.map(\.childs).max() ?? 2))
        linux_spawn_change_directory(&actions, "/")
        linux_spawn_new_session(&attributes)
        var process = pid_t()
        let status = withMutableCStrings([path] + arguments) { arguments in
            withMutableCStrings(environment) { posix_spawn(&process, path, &actions, &attributes, arguments, $0) }
        }
        guard status == 0 else { throw Failure(errno: status) }
        return process
    }

    /// How the process ended; nil while it runs. Reaps it, so its id means nothing afterwards.
    static func exit(of process: pid_t) -> Exit? {
        var status: Int32 = 0
        let reaped = waitpid(process, &status, WNOHANG)
        if reaped == 0 || (reaped < 0 && errno == EINTR) { return nil }
        // Somebody else reaped it: it is gone, and nobody can say how.
        guard reaped == process else { return .status(-1) }
        let signal = status & 0x7F
        return signal == 0 ? .status(status >> 8 & 0xFF) : .signal(signal)
    }
}
