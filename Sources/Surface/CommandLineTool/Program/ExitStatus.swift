/// What the program's exit code says; every command uses these and no others.
package enum ExitStatus: Int32, Error, Sendable, CaseIterable {
    case done = 0
    /// The work was understood and did not succeed.
    case failed = 1
    /// The command line or what it names is wrong; nothing was done.
    case wrongUse = 2
    /// No server answers, or it cannot work now; the same command may succeed later.
    case unreachable = 3
    /// The time given was over. Source: coreutils manual, "timeout".
    case timedOut = 124

    /// What `--help` says of the codes.
    package static let help =
        "Exit codes: " + allCases.map { "\($0.rawValue) \($0.meaning)" }.joined(separator: ", ") + "."

    private var meaning: String {
        switch self {
        case .done: "done"
        case .failed: "failed"
        case .wrongUse: "wrong use or refused input"
        case .unreachable: "no server answers"
        case .timedOut: "timed out"
        }
    }
}
