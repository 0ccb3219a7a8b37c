import CLinux
import Glibc

/// A program and all that the process it becomes inherits: nothing of ours but what is named here.
package struct ProcessStart: Sendable {
    /// What the child finds under one of its descriptors.
    package enum Source: Sendable {
        /// A copy of this one: ours, or one of the child's own that is listed before.
        case descriptor(Int32)
        /// A file, made with mode 0600 where the flags ask for it.
        case file(String, flags: Int32)
    }

    /// Why there is no process: the error number of posix_spawn(3).
    package struct Failure: Error, Sendable {
        package let errno: Int32
    }

    /// Absolute path of the program, then its arguments.
    private let words: [String]
    /// The whole environment, as `NAME=value`.
    private let environment: [String]
    private let folder: String
    private let descriptors: [(childs: Int32, source: Source)]

    /// `words` begins with the absolute path of the program; of the descriptors 0, 1 and 2 those that are not listed lead nowhere, and
    /// everything beyond the listed ones is closed.
    package init(_ words: [String], environment: [String], in folder: String = "/", descriptors: [(childs: Int32, source: Source)] = []) {
        self.words = words
        self.environment = environment
        self.folder = folder
        self.descriptors = descriptors
    }

    /// Starts it in a session of its own, so that Ctrl-C at our terminal does not reach it: we decide in which order things stop.
    ///
    /// Answers the id of a child that the caller has to collect. About 1 ms, blocking.
    package func spawn() throws(Failure) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        plan(&actions)
        linux_spawn_new_session(&attributes)
        var process = pid_t()
        let code = withMutableCStrings(words) { arguments in
            withMutableCStrings(environment) { posix_spawn(&process, words[0], &actions, &attributes, arguments, $0) }
        }
        guard code == 0 else { throw Failure(errno: code) }
        return process
    }

    private func plan(_ actions: inout posix_spawn_file_actions_t) {
        for descriptor in descriptors {
            switch descriptor.source {
            case .descriptor(let source): posix_spawn_file_actions_adddup2(&actions, source, descriptor.childs)
            case .file(let path, let flags): posix_spawn_file_actions_addopen(&actions, descriptor.childs, path, flags, 0o600)
            }
        }
        for standard in Int32(0)...2 where !descriptors.contains(where: { $0.childs == standard }) {
            posix_spawn_file_actions_addopen(&actions, standard, "/dev/null", O_RDWR, 0)
        }
        linux_spawn_close_from(&actions, 1 + max(2, descriptors.map(\.childs).max() ?? 2))
        linux_spawn_change_directory(&actions, folder)
    }
}
