/// Why a run ended without a result of its own.
package enum SandboxEnd: Sendable, Hashable, CustomStringConvertible {
    /// Used up its CPU time; the place is known when one turn alone did.
    case cpuLimit(SandboxLocation?)
    /// Used more memory than a worker may have.
    case memoryLimit
    /// Took longer than its wall-clock limit.
    case wallClock
    /// The worker was ended by a signal that we did not send: a fault of the engine, the out-of-memory killer, an operator.
    case killed(signal: Int32)
    /// The worker did what the sandbox forbids. The script, or whatever it found in the engine, is hostile.
    case breach
    /// The worker sent what no worker sends, or ended without a word.
    case protocolError(String)
    /// Nothing could wake the run: no host call was open.
    case stalled
    /// The host gave it up.
    case cancelled

    package var description: String {
        switch self {
        case .cpuLimit(nil): "the workflow used up its CPU time; look for an endless loop"
        case .cpuLimit(.some(let place)): "the workflow used up its CPU time at \(place); look for an endless loop"
        case .memoryLimit: "the workflow used up its memory; work on smaller pieces"
        case .wallClock: "the workflow took longer than its timeout"
        case .killed(let signal): "the sandbox was ended by signal \(signal)"
        case .breach: "the sandbox did something forbidden and was ended"
        case .protocolError: "the sandbox broke its protocol and was ended"
        case .stalled: "the workflow waits for something that can never happen; look for a promise that nobody settles"
        case .cancelled: "the run was cancelled"
        }
    }
}

/// Why a run could not be started or followed.
package enum SandboxError: Error, Sendable, Hashable, CustomStringConvertible {
    /// As many callers wait for a worker as may; try later.
    case overloaded
    /// The task was cancelled while it waited for a worker.
    case cancelled
    /// The pool has stopped.
    case closed
    /// The worker's process could not be started; the number is `errno`.
    case cannotStart(errno: Int32)
    /// Input, headers, body or script are larger than a frame may be.
    case tooLarge(bytes: Int)

    package var description: String {
        switch self {
        case .overloaded: "too many runs wait for a sandbox; try again later"
        case .cancelled: "cancelled while waiting for a sandbox"
        case .closed: "the sandbox pool has stopped"
        case .cannotStart(let errno): "the sandbox process cannot be started (errno \(errno)); check the path of fastn-sandbox"
        case .tooLarge(let bytes): "\(bytes) bytes are more than a sandbox takes"
        }
    }
}
