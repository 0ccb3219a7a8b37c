import EventSourcing
import PostgresDriver
import Vocabulary

extension APIError {
    /// What a caller is told of an error from below; nil when it is a fault of ours, whose details are for the log alone.
    init?(of error: any Error) {
        switch error {
        case let error as APIError: self = error
        case let rejection as any Rejection: self.init(rejection)
        case let taken as NameTaken: self.init(taken)
        case let failure as EventStoreError: self.init(failure)
        case let failure as PostgresError: self.init(failure)
        case let failure as CompilationFailure: self = .invalid([], failure.diagnostics)
        case VaultError.unavailable: self = .unavailable(VaultError.unavailable.description)
        case is CancellationError: self = .unavailable("the server is shutting down; send the request again")
        default: return nil
        }
    }

    private init(_ rejection: any Rejection) {
        switch rejection.kind {
        case .invalid: self = .invalid(rejection.problems)
        case .notFound: self = .notFound
        case .conflict: self.init(.conflict, rejection.description)
        }
    }

    private init(_ taken: NameTaken) {
        // A claim's kind ends with the member that holds the name: `workflow.slug` is /slug.
        let problems = taken.reservations.map { claim in
            Problem("/\(claim.kind.split(separator: ".").last ?? "")", "\"\(claim.key)\" is in use already; choose another")
        }
        self.init(.conflict, taken.description, problems: problems)
    }

    private init?(_ failure: EventStoreError) {
        switch failure.code {
        case .unavailable, .unknownOutcome, .fenced, .overloaded, .lost: self = .unavailable(failure.description)
        // One entity is stopped, and whoever asks for it must learn by what; the message holds names and no content.
        case .unreadable: self.init(.internalError, failure.description)
        case .invalid, .corrupt: return nil
        }
    }

    private init?(_ failure: PostgresError) {
        switch failure.code {
        case .connectionFailed, .connectionLost, .poolClosed, .timedOut, .tooManyWaiters, .cancelled:
            self = .unavailable("the database cannot be reached; try again")
        case .server, .decoding, .invalidParameter, .invalidUse: return nil
        }
    }
}
