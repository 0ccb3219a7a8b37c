import Domain
import SandboxDriver
import Vocabulary

/// How one pass of a workflow's code through the sandbox ended.
enum RunEnd: Sendable {
    case completed([UInt8])
    case failed(RunFailure)
    case timedOut(RunFailure)
    case cancelled
    /// The run wanted more than a run may have; another attempt would only want it again.
    case exhausted(RunFailure)
    /// The code made another call than the journal holds.
    case diverged(RunFailure)
    /// The sandbox was killed from outside; the journal is good.
    case killed

    init(_ end: SandboxEnd, timeout: Duration) {
        switch end {
        case .cpuLimit(let place): self = .timedOut(RunFailure(name: "timeout", message: end.description, location: place?.description))
        case .wallClock: self = .timedOut(RunEnd.tooLong(timeout))
        case .memoryLimit: self = .failed(RunFailure(name: "memory", message: end.description))
        case .cancelled: self = .cancelled
        case .killed: self = .killed
        case .stalled: self = .failed(RunFailure(name: "Stalled", message: end.description))
        case .breach, .protocolError: self = .failed(RunFailure(name: "sandbox", message: end.description))
        }
    }

    static func tooLong(_ timeout: Duration) -> RunFailure {
        RunFailure(name: "timeout", message: "the execution took longer than its timeout of \(timeout)")
    }

    static func startedInVain(_ times: Int) -> RunEnd {
        .exhausted(RunFailure(name: "sandbox", message: "the execution was begun \(times) times and ended from outside before it got any further"))
    }

    static let journalIsFull = RunEnd.exhausted(
        RunFailure(
            name: "journal",
            message: "arguments and results of the execution's calls are more than \(Limits.journalBytesPerRun >> 20) MB in all; "
                + "let the calls answer with less, or split the work over several executions"))
}
