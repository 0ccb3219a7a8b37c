/// What a run says to its host, in the order in which it said it.
package enum SandboxMessage: Sendable, Hashable {
    /// The script asks for something; it wants exactly one answer.
    case call(SandboxCall)
    /// One line of `console`.
    case log(SandboxLogLevel, String)
    /// All microtasks are drained. With no call open, nothing can wake the run again: it is stalled, and the host should end it.
    case turnOver(openCalls: Int)
    /// The run returned this JSON text. Nothing follows.
    case completed(resultJSON: [UInt8])
    /// The run threw. Nothing follows.
    case failed(SandboxFailure)
    /// The run was ended from outside. Nothing follows.
    case ended(SandboxEnd)
}

/// One host call of a script.
package struct SandboxCall: Sendable, Hashable {
    /// Index of the call in its run, from 0 without gaps; the same in every replay.
    package let id: UInt32
    /// What is asked for, as `state.get`; unknown names are to be rejected.
    package let operation: String
    /// Validated JSON, at most ``SandboxLimits/outgoingJSONBytes`` and ``SandboxLimits/jsonDepth``. Chosen by the script: untrusted.
    package let argumentsJSON: [UInt8]

    package init(id: UInt32, operation: String, argumentsJSON: [UInt8]) {
        self.id = id
        self.operation = operation
        self.argumentsJSON = argumentsJSON
    }
}

/// The method of `console` that was called.
package enum SandboxLogLevel: String, Sendable, Hashable, CaseIterable {
    case log, info, warn, error, debug
}

/// An exception that left the workflow.
package struct SandboxFailure: Sendable, Hashable, Error {
    package let name: String
    package let message: String
    /// One line a frame, innermost first: `name (workflow.ts:7:15)`. Only the customer's frames.
    package let stack: String
    /// The innermost of these frames; nil for a thrown value that is no error.
    package let location: SandboxLocation?

    package init(name: String, message: String, stack: String, location: SandboxLocation?) {
        self.name = name
        self.message = message
        self.stack = stack
        self.location = location
    }
}

/// A place in the customer's file; line and column count from 1.
package struct SandboxLocation: Sendable, Hashable, CustomStringConvertible {
    package let file: String
    package let line: Int
    package let column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    package var description: String { "\(file):\(line):\(column)" }
}
