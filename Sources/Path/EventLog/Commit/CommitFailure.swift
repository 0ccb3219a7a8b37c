import PostgresDriver

/// What a failed statement of many requests calls for. In every case but `connectionLost` nothing of it was stored.
enum CommitFailure: Equatable {
    /// Connect anew and find out.
    case connectionLost
    /// Somebody else held a row: send the same again.
    case raced
    /// A unique key is there already: send it again and look ids up.
    case stored
    /// One of the requests holds a value that Postgres refuses: split, until it stands alone.
    case unacceptable
    /// The server cannot do it now, whatever is sent.
    case refused

    /// Source: PostgreSQL manual, appendix A "Error Codes".
    init(_ error: PostgresError) {
        switch error.code {
        case .connectionFailed, .connectionLost: self = .connectionLost
        case .server(let sqlState, _): self.init(sqlState: sqlState)
        case .invalidParameter: self = .unacceptable
        case .cancelled, .decoding, .invalidUse, .poolClosed, .timedOut, .tooManyWaiters: self = .refused
        }
    }

    private init(sqlState: String) {
        switch sqlState {
        // Serialization failure, deadlock, lock not available.
        case "40001", "40P01", "55P03": self = .raced
        case "23505": self = .stored
        default:
            switch sqlState.prefix(2) {
            // Cardinality violation, data exception, integrity constraint violation, program limit exceeded.
            case "21", "22", "23", "54": self = .unacceptable
            default: self = .refused
            }
        }
    }
}
