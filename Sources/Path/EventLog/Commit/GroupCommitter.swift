import EventSourcing
import PostgresDriver

/// How a group of requests becomes one statement; lives on the writer thread alone.
protocol GroupCommitter {
    associatedtype Request: CommitRequest
    associatedtype Answer: Sendable

    /// Called with every new connection before anything is committed on it: prepares, and reads what the server says is true.
    ///
    /// Throws `PostgresError`, or `EventStoreError` if this process must write no more.
    mutating func connected(_ connection: BlockingPostgresConnection) throws

    /// Commits the group; returns after the commit with an answer for each request that is settled by it.
    ///
    /// Sets `sending` to `.resent` once something may be committed, so that whatever fails then is no proof that nothing was stored, and
    /// in the end to how the rest is sent.
    mutating func commit(_ requests: [Request], _ sending: inout Sending, on connection: BlockingPostgresConnection) throws -> GroupAnswer<Answer>

    /// Called when the callers have their answers.
    mutating func answered()
}

/// Why a group is sent.
enum Sending {
    case first
    /// A unique key was found to be there.
    case lookingUp
    /// An earlier sending may have been stored: what is found to be stored is this group's own.
    case resent
}

/// What became of a group.
struct GroupAnswer<Answer: Sendable> {
    /// Nil for a request that was not stored and is to be sent again.
    var results: [Result<Answer, EventStoreError>?]
}
