import Domain
import SandboxDriver

/// How one pass of a workflow's code through the sandbox ended.
enum RunEnd: Sendable {
    case completed([UInt8])
    case failed(RunFailure)
    case timedOut(RunFailure)
    case cancelled
    /// The code made another call than the journal holds.
    case diverged(RunFailure)
    /// The sandbox was killed from outside; the journal is good.
    case killed

    init(_ end: SandboxEnd, timeout: Duration) {
        switch end {
        case .cpuLimit, .wallClock: self = .timedOut(RunEnd.tooLong(timeout, at: end.location))
        case .memoryLimit: self = .failed(RunFailure(name: "memory", message: end.description))
        case .cancelled: self = .cancelled
        case .killed: self = .killed
        case .stalled: self = .failed(RunFailure(name: "Stalled", message: end.description))
        case .breach, .protocolError: self = .failed(RunFailure(name: "sandbox", message: end.description))
        }
    }

    static func tooLong(_ timeout: Duration, at location: SandboxLocation? = nil) -> RunFailure {
        RunFailure(
            name: "timeout", message: "the execution took longer than its timeout of \(timeout)", location: location?.description)
    }
}

extension SandboxEnd {
    fileprivate var location: SandboxLocation? { if case .cpuLimit(let location) = self { location } else { nil } }
}
