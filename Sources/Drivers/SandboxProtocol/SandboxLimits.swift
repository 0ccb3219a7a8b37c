/// Bounds that both ends of the protocol hold, each with its reason.
package enum SandboxLimits {
    /// Largest payload of a frame: four times what a webhook body may have, so that it fits with every byte escaped.
    package static let payloadBytes = 32 << 20
    /// Largest JSON text a script may hand out (result, arguments of one host call): it is kept in the journal.
    package static let outgoingJSONBytes = 4 << 20
    /// Room beside the JSON text for the members around it.
    package static let outgoingPayloadBytes = outgoingJSONBytes + 4 << 10
    /// Host calls open at once: each holds a continuation and a journal row on the supervisor's side.
    package static let openCalls = 1_000
    /// Host calls of one run: a journal longer than that takes too long to replay.
    package static let totalCalls = 10_000
    /// Bytes of log frames passed on; the rest is replaced by one line that says so.
    package static let logBytes = 256 << 10
    /// Depth of JSON accepted from a worker: recursive readers overflow a pool thread's stack from about 160 levels on.
    package static let jsonDepth = 128
}

/// Exit statuses by which the supervisor tells a limit from a fault.
package enum SandboxExitStatus {
    package static let cpu: Int32 = 124
    package static let memory: Int32 = 125
    /// The worker could not lock itself in, or was started wrongly.
    package static let refused: Int32 = 126
}

/// Names under which scripts are known to the engine, and so to stack traces.
package enum SandboxSourceName {
    package static let workflow = "fastn:workflow"
    package static let prelude = "fastn:prelude"
}
