/// What went wrong between this process and Postgres.
///
/// `description` is safe for strangers: it holds no SQL, no parameter and no row value. `debugDescription` adds the server's own words, which may
/// quote values ("Key (email)=(…) already exists"): show it to operators only.
package struct PostgresError: Error, Sendable {
    /// The kind of failure, and what the caller may conclude from it.
    package enum Code: Sendable, Equatable {
        /// No connection could be made, and nothing was sent.
        case connectionFailed
        /// The connection broke. With `outcomeUnknown` the statement may have been committed: look before sending it again.
        case connectionLost(outcomeUnknown: Bool)
        /// The server refused the statement; nothing of it was stored. `sqlState` has five characters.
        /// Source: PostgreSQL manual, appendix A.
        case server(sqlState: String, constraint: String?)
        /// The task was cancelled; the statement was not sent or was ended by the server.
        case cancelled
        /// A value of the result is not of the type it was read as, or is NULL where none was expected.
        case decoding(column: Int)
        /// The parameter at this index (from 0) cannot be sent, for example text with a NUL; nothing was sent.
        case invalidParameter(index: Int)
        /// The statement itself cannot be sent, or was used in a way this driver does not do; nothing was stored.
        case invalidUse
        /// The pool is not running any more.
        case poolClosed
        /// No connection became free in time; nothing was sent.
        case timedOut
        /// Too many callers wait for a connection already; nothing was sent.
        case tooManyWaiters
    }

    /// The kind of failure.
    package let code: Code

    /// What precisely, in our own words; holds no value of anybody.
    private let reason: String?

    /// What libpq or the server said; may hold values.
    private let serverText: String?

    /// A failure of this kind; `reason` must be safe for strangers, `serverText` need not be.
    package init(_ code: Code, reason: String? = nil, serverText: String? = nil) {
        self.code = code
        self.reason = reason
        self.serverText = serverText
    }

    /// The five characters of SQLSTATE if the server refused the statement.
    package var sqlState: String? {
        guard case .server(let sqlState, _) = code else { return nil }
        return sqlState
    }

    /// The violated constraint if the server named one.
    package var constraint: String? {
        guard case .server(_, let constraint) = code else { return nil }
        return constraint
    }

    /// The same words under another code.
    func recoded(_ code: Code) -> PostgresError {
        PostgresError(code, reason: reason, serverText: serverText)
    }
}

extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible {
    /// One sentence that is safe for strangers and names the remedy.
    package var description: String {
        guard let reason else { return sentence }
        return "\(sentence) (\(reason))"
    }

    /// `description` and the server's own words, which may quote values: for operators only.
    package var debugDescription: String {
        guard let serverText else { return description }
        return "\(description): \(serverText)"
    }

    private var sentence: String {
        switch code {
        case .connectionFailed:
            "cannot connect to Postgres: check that the server runs and that address, database, user and password are right"
        case .connectionLost(outcomeUnknown: true):
            "the connection to Postgres was lost while a statement ran: it may have been committed, look before sending it again"
        case .connectionLost(outcomeUnknown: false):
            "the connection to Postgres was lost and nothing was committed: send it again"
        case .server(let sqlState, let constraint):
            "Postgres refused the statement: SQLSTATE \(sqlState)" + (constraint.map { ", constraint \($0)" } ?? "")
        case .cancelled:
            "the statement was cancelled"
        case .decoding(let column):
            "column \(column) of the result cannot be read as asked"
        case .invalidParameter(let index):
            "parameter \(index) cannot be sent to Postgres"
        case .invalidUse:
            "the statement cannot be run this way"
        case .poolClosed:
            "the Postgres pool is closed: the process is shutting down"
        case .timedOut:
            "no Postgres connection became free in time: try again later"
        case .tooManyWaiters:
            "too many callers wait for a Postgres connection: try again later"
        }
    }
}
