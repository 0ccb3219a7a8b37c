import CPostgres

/// What one caller waits for on a connection: the answers to a batch of statements, or to a script.
///
/// A value under the connection's lock. It is `.running` until the server says that it is ready for the next batch, since rows arrive before
/// the commit they belong to. Source: PostgreSQL manual, "Extended Query" and "Pipelining".
struct PipelineOperation {
    /// What the caller gets.
    typealias Outcome = Result<[PostgresRows], PostgresError>

    /// One answer that the server owes, in the order of sending.
    enum Step {
        /// The preparation of a statement.
        case preparation(StatementCache.Key)
        /// The rows of a statement.
        case rows(StatementCache.Key)
        /// The removal of an old statement, of which nobody hears.
        case deallocation
    }

    enum Progress {
        /// More must arrive. Exits: any.
        case running
        /// The server is ready for the next batch.
        case finished
        /// The connection broke, or said what libpq should not say here.
        case broken
    }

    let ticket: UInt64
    let isScript: Bool
    let continuation: CheckedContinuation<Outcome, Never>
    var steps: [Step] = []
    var wasCancelled = false

    /// Set once nothing more will come; the caller may still have to wait for a cancel request that is on its way.
    private(set) var outcome: Outcome?

    private var nextStep = 0
    private var rows: [PostgresRows] = []
    private var failure: PostgresError?

    init(ticket: UInt64, isScript: Bool, continuation: CheckedContinuation<Outcome, Never>) {
        self.ticket = ticket
        self.isScript = isScript
        self.continuation = continuation
    }

    /// Takes every result that is complete; call it after `consumeInput`.
    mutating func collect(from handle: ConnectionHandle, forgetting statements: inout StatementCache) -> Progress {
        // Between two statements libpq answers nil once; a script ends with nil; more than this is a connection out of step.
        let emptyAnswerLimit = 4
        var emptyAnswers = 0
        while !handle.isBusy {
            guard let result = handle.nextResult() else {
                if isScript { return handle.isBad ? .broken : .finished }
                emptyAnswers += 1
                guard emptyAnswers < emptyAnswerLimit, !handle.isBad else { return .broken }
                continue
            }
            emptyAnswers = 0
            switch result.status {
            case PGRES_PIPELINE_SYNC: return .finished
            case PGRES_PIPELINE_ABORTED: skipStep(forgetting: &statements)
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                // Ending a COPY takes a conversation of its own; dropping the connection ends it as well.
                failure = failure ?? PostgresError(.invalidUse, reason: "COPY is not supported")
                return .broken
            default: take(result, forgetting: &statements)
            }
        }
        return handle.isBad ? .broken : .running
    }

    /// The server is ready again: fixes the outcome.
    mutating func finish() {
        if let failure {
            let wasEndedForUs = wasCancelled && failure.sqlState == "57014"
            outcome = .failure(wasEndedForUs ? failure.recoded(.cancelled) : failure)
        } else {
            outcome = .success(rows)
        }
    }

    /// The connection broke: whatever the server had said, nobody knows what it committed, unless a transaction was open and is lost with it.
    mutating func fail(isInsideTransaction: Bool, serverText: String?) {
        if case .invalidUse = failure?.code, let failure {
            outcome = .failure(failure)
        } else {
            let code = PostgresError.Code.connectionLost(outcomeUnknown: !isInsideTransaction)
            outcome = .failure(failure?.recoded(code) ?? PostgresError(code, serverText: serverText))
        }
    }

    private mutating func take(_ result: ResultHandle, forgetting statements: inout StatementCache) {
        let step = steps.indices.contains(nextStep) ? steps[nextStep] : nil
        nextStep += 1
        switch (result.outcome, step) {
        case (.success(let answer), .rows): rows.append(answer)
        case (.success, _): break
        case (.failure(let error), .preparation(let key)):
            statements.forget(key)
            failure = failure ?? error
        case (.failure(let error), .rows(let key)):
            if error.invalidatesPreparedStatement { statements.forget(key) }
            failure = failure ?? error
        case (.failure(let error), _):
            failure = failure ?? error
        }
    }

    /// The server passed over a step because one before it failed.
    private mutating func skipStep(forgetting statements: inout StatementCache) {
        if steps.indices.contains(nextStep), case .preparation(let key) = steps[nextStep] { statements.forget(key) }
        nextStep += 1
    }
}
