package import Vocabulary

/// What happened to a run: its life and the journal of its host calls.
package enum RunEvent: DomainEvent, Hashable {
    case requested(RunRequest)
    /// An attempt began. Clock and random numbers inside the sandbox come from these, so that a replay sees the same.
    case started(RunAttempt)
    /// A call that is not idempotent is about to leave; recorded before it does.
    case callScheduled(RunCall)
    case callCompleted(RunCall, CallResult)
    case logged([LogLine])
    /// The attempt failed and another follows.
    case retryScheduled(attempt: Int, due: Timestamp, RunFailure)
    case cancelRequested
    /// JSON text of what the workflow returned.
    case completed(output: [UInt8])
    case failed(RunFailure)
    case timedOut(RunFailure)
    case cancelled
    /// Replay met another call than the journal holds; a person has to look.
    case parked(RunFailure)

    /// Whether nothing follows.
    package var isEnd: Bool {
        switch self {
        case .completed, .failed, .timedOut, .cancelled: true
        case .requested, .started, .callScheduled, .callCompleted, .logged, .retryScheduled, .cancelRequested, .parked: false
        }
    }

    /// What the event adds to the journal's limit: arguments and results, which a workflow can make large.
    package var journalBytes: Int {
        switch self {
        case .callScheduled(let call): call.input.utf8.count
        case .callCompleted(let call, let result): call.input.utf8.count + result.bytes
        case .requested, .started, .logged, .retryScheduled, .cancelRequested, .completed, .failed, .timedOut, .cancelled, .parked: 0
        }
    }
}

/// One try of a run.
package struct RunAttempt: Hashable, Sendable, Codable {
    /// From 1.
    package let number: Int
    package let seed: UInt64
    /// The sandbox's clock at its first instruction.
    package let at: Timestamp
    /// The engine that runs it, for example `jsc-2.50.6`.
    package let engine: String

    package init(number: Int, seed: UInt64, at: Timestamp, engine: String) {
        self.number = number
        self.seed = seed
        self.at = at
        self.engine = engine
    }
}

/// A call that leaves the sandbox, numbered when it is made.
package struct RunCall: Hashable, Sendable, Codable {
    /// From 0, in the order in which the code made its calls.
    package let index: Int
    /// What is called: `state.get`, `secrets.get`, `connector`, `timer.sleep`.
    package let operation: String
    package let connector: String?
    package let action: String?
    package let connection: String?
    /// JSON text of the arguments, secrets struck out.
    package let input: String

    package init(index: Int, operation: String, connector: String? = nil, action: String? = nil, connection: String? = nil, input: String) {
        self.index = index
        self.operation = operation
        self.connector = connector
        self.action = action
        self.connection = connection
        self.input = input
    }
}

/// How a call ended, and when the code learned of it.
package struct CallResult: Hashable, Sendable, Codable {
    /// What the code got for the call.
    package enum Outcome: Hashable, Sendable, Codable {
        /// JSON text.
        case value([UInt8])
        /// The code sees a rejected promise.
        case error(RunFailure)
        /// The value is a secret: the journal names its record, never the value.
        case secret(name: String, SecretID)
    }

    package let outcome: Outcome
    package let startedAt: Timestamp
    package let duration: Duration
    /// The sandbox's clock when the outcome was delivered.
    package let deliveredAt: Timestamp

    package init(outcome: Outcome, startedAt: Timestamp, duration: Duration, deliveredAt: Timestamp) {
        self.outcome = outcome
        self.startedAt = startedAt
        // As it is stored: what is remembered must be what the log says.
        self.duration = .microseconds(duration.microseconds)
        self.deliveredAt = deliveredAt
    }

    package var isError: Bool { if case .error = outcome { true } else { false } }

    /// Bytes of the value; errors and the names of secrets are small.
    var bytes: Int { if case .value(let bytes) = outcome { bytes.count } else { 0 } }
}

/// What went wrong, in the customer's terms.
package struct RunFailure: Hashable, Sendable, Codable {
    /// The error's name, `TypeError`, or our cause, `memory`, `timeout`, `nondeterminism`.
    package let name: String
    package let message: String
    /// The customer's frames, newest first, one a line.
    package let stack: String?
    /// `workflow.ts:7:15`, where the newest of the customer's frames is.
    package let location: String?

    package init(name: String, message: String, stack: String? = nil, location: String? = nil) {
        self.name = name
        self.message = message
        self.stack = stack
        self.location = location
    }
}

/// A line that the workflow wrote to its console.
package struct LogLine: Hashable, Sendable {
    /// `log`, `info`, `warn`, `error`, `debug`.
    package let level: String
    package let text: String
    package let at: Timestamp

    package init(level: String, text: String, at: Timestamp) {
        self.level = level
        self.text = text
        self.at = at
    }
}
