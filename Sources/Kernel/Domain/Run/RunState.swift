import Vocabulary

/// A run: absent until it is asked for.
package enum RunState: Hashable, Sendable {
    case absent
    case present(Run)
}

/// A run and its journal.
package struct Run: Hashable, Sendable {
    package let request: RunRequest
    package var status = RunStatus.pending
    package var attempts: [RunAttempt] = []
    /// Calls by index; what is scheduled and has no result was perhaps made.
    package var calls: [Int: JournalEntry] = [:]
    /// Indexes of completed calls in the order in which the code learned of them.
    package var deliveries: [Int] = []
    package var isCancelRequested = false
    /// Why nobody works on the run although it has not ended: `retry`, `needs attention`.
    package var waitingReason: String?
    package var output: [UInt8]?
    package var failure: RunFailure?
    /// Bytes of results in the journal, for the limit.
    package var journalBytes = 0
    /// Console lines of the attempt under way that the journal holds.
    package var loggedLines = 0
    /// The lowest index that failed in an earlier attempt: from there on another attempt may take another way.
    package var divergesFrom: Int?

    package init(request: RunRequest) { self.request = request }
}

/// One call in a run's journal.
package struct JournalEntry: Hashable, Sendable {
    package let call: RunCall
    package var result: CallResult?
}

/// The six statuses of an execution.
package enum RunStatus: String, Sendable, CaseIterable {
    /// Asked for, not begun.
    case pending
    /// Begun; also while it waits for another attempt or for a person.
    case running
    case completed
    case failed
    case cancelled
    case timedOut = "timed_out"

    package var isEnd: Bool { self != .pending && self != .running }
}
