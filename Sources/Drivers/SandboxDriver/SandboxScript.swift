/// A compiled workflow: what the engine evaluates and what leads from its lines back to the customer's.
package struct SandboxScript: Sendable, Hashable {
    /// Content hash of the customer's source and of how it was compiled.
    package let id: String
    /// The customer's file name, as stack traces show it.
    package let fileName: String
    /// One classic script that leaves its exports in `__wf`.
    package let source: String
    /// Source map, version 3, as JSON; empty if there is none.
    package let sourceMap: [UInt8]

    package init(id: String, fileName: String, source: String, sourceMap: [UInt8]) {
        self.id = id
        self.fileName = fileName
        self.source = source
        self.sourceMap = sourceMap
    }
}

/// What one run gets: its input and everything that decides how it goes.
package struct SandboxStart: Sendable {
    /// `ctx.input` as JSON; integers beyond 2^53 reach the script as strings.
    package var inputJSON: [UInt8] = Array("null".utf8)
    /// `ctx.headers` as a JSON object.
    package var headersJSON: [UInt8] = Array("{}".utf8)
    /// `ctx.rawBody`; what is not UTF-8 is shown as U+FFFD.
    package var rawBody: [UInt8] = []
    /// A JSON object whose members become members of `ctx`.
    package var contextJSON: [UInt8] = Array("{}".utf8)
    /// Decides every random number and UUID of the run.
    package var seed: UInt64
    /// The clock at the start, in milliseconds since 1970; it moves only by the times given with the answers.
    package var nowMilliseconds: Int64
    /// From here to the end of the run, waiting for answers included.
    package var wallClockLimit: Duration

    package init(seed: UInt64, nowMilliseconds: Int64, wallClockLimit: Duration) {
        self.seed = seed
        self.nowMilliseconds = nowMilliseconds
        self.wallClockLimit = wallClockLimit
    }
}
