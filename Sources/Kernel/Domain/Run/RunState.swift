package import Vocabulary

/// A run: absent until it is asked for.
package enum RunState: Hashable, Sendable, Codable {
    case absent
    case present(Run)
}

/// A run and its journal.
package struct Run: Hashable, Sendable, Codable {
    package let request: RunRequest
    package var status = RunStatus.pending
    package var attempts: [RunAttempt] = []
    /// Calls by index; what is scheduled and has no result was perhaps made.
    package var calls: [Int: JournalEntry] = [:]
    /// Indexes of completed calls in the order in which the code learned of them.
    package var deliveries: [Int] = []
    package var isCancelRequested = false
    /// What the run waits for although it has not ended; nil while somebody works on it, or could.
    package var waiting: RunWaiting?
    package var output: [UInt8]?
    package var failure: RunFailure?
    /// Bytes of arguments and results in the journal, for the limit.
    package var journalBytes = 0
    /// How often the attempt under way began, or was taken up again, since an outcome of a call was last written down.
    package var startsWithoutProgress = 0
    /// How long the attempt under way has worked, as far as the journal shows; the time between an executor's death and the next is not in it.
    package var timeWorked = Duration.zero
    /// The newest instant of the attempt under way in the journal.
    package var lastSeen = Timestamp.epoch
    /// Console lines of the attempt under way that the journal holds.
    package var loggedLines = 0
    /// The lowest index that failed in an earlier attempt: from there on another attempt may take another way.
    package var divergesFrom: Int?

    package init(request: RunRequest) { self.request = request }
}

/// What keeps a run from being worked on.
package enum RunWaiting: Hashable, Sendable, Codable {
    /// The next attempt, which may not begin before its time.
    case retry(due: Timestamp)
    /// A person who looks why the code went another way than its journal.
    case attention

    /// Whether nobody may work on the run at that time.
    package func holds(at now: Timestamp) -> Bool {
        switch self {
        case .retry(let due): due > now
        case .attention: true
        }
    }
}

/// One call in a run's journal.
package struct JournalEntry: Hashable, Sendable, Codable {
    package let call: RunCall
    package var result: CallResult?
}

/// The six statuses of an execution.
package enum RunStatus: String, Sendable, CaseIterable, Codable {
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
