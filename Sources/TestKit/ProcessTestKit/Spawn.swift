import CLinux
import Glibc

/// Starts a program in a session of its own, so that Ctrl-C at the tests' terminal does not reach it; answers its process id.
func spawn(_ words: [String], environment: [String: String], _ actions: inout posix_spawn_file_actions_t) throws -> pid_t {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    linux_spawn_new_session(&attributes)
    let arguments = words.map { strdup($0) } + [nil]
    let settings = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (arguments + settings).forEach { free($0) } }
    var processID = pid_t()
    let code = posix_spawn(&processID, words[0], &actions, &attributes, arguments, settings)
    guard code == 0 else { throw KitError("\(words[0]) cannot be started (error \(code)); build it first") }
    return processID
}

/// What keeps a test from being made, in words for its reader.
package struct KitError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
