/// An error that ends a command: what a person reads, and the exit code.
///
/// Thrown alone, an ``ExitStatus`` ends a command that has said everything already.
package protocol ExplainedFailure: Error, CustomStringConvertible {
    var exitStatus: ExitStatus { get }
}

/// Why a command cannot do its work: one line with the remedy.
package struct CommandFailure: ExplainedFailure, Hashable {
    package let exitStatus: ExitStatus
    package let description: String

    private init(_ exitStatus: ExitStatus, _ description: String) {
        self.exitStatus = exitStatus
        self.description = description
    }

    /// The command line, or a file or text that it names, is wrong.
    package static func wrongUse(_ description: String) -> CommandFailure { CommandFailure(.wrongUse, description) }
    /// The work did not succeed.
    package static func failed(_ description: String) -> CommandFailure { CommandFailure(.failed, description) }
    /// There is no server to do it.
    package static func unreachable(_ description: String) -> CommandFailure { CommandFailure(.unreachable, description) }
}
