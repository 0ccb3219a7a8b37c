import Domain
import EventSourcing
import Vocabulary

/// What a batch's events do to one execution: everything, when it was asked for in the batch, else what differs from the row that is there.
struct ExecutionChange {
    /// A column that may become empty, so that nil cannot mean "as it was".
    enum Column<Value> {
        case kept
        case set(Value?)

        var isSet: Bool { if case .set = self { true } else { false } }
        var value: Value? { if case .set(let value) = self { value } else { nil } }
    }

    /// Why nobody works on the execution, and since when.
    struct Waiting {
        let reason: String
        let since: Timestamp
    }

    let execution: RunID
    let tenant: TenantID
    private(set) var request: (what: RunRequest, at: Timestamp)?
    private(set) var status: RunStatus?
    /// Number of the newest attempt that began in the batch.
    private(set) var attempt: Int?
    /// Begin of the first attempt in the batch, by the sandbox's clock: the journal may be committed later.
    private(set) var startedAt: Timestamp?
    private(set) var endedAt: Timestamp?
    private(set) var isCancelRequested = false
    private(set) var waiting = Column<Waiting>.kept
    private(set) var failure = Column<RunFailure>.kept
    private(set) var output: [UInt8]?
    private(set) var position: LogPosition

    init(of event: RecordedEvent) {
        execution = event.address.stream.recast()
        tenant = event.address.tenant
        position = event.position
    }

    mutating func apply(_ happened: RunEvent, _ event: RecordedEvent) {
        position = event.position
        switch happened {
        case .requested(let request):
            self.request = (request, event.recordedAt)
            status = .pending
        case .started(let attempt):
            status = .running
            self.attempt = attempt.number
            startedAt = startedAt ?? attempt.at
            waiting = .set(nil)
        case .callScheduled, .callCompleted, .logged: break
        case .retryScheduled(_, _, let failure):
            waiting = .set(Waiting(reason: "retry", since: event.recordedAt))
            self.failure = .set(failure)
        case .parked(let failure):
            waiting = .set(Waiting(reason: "needs attention", since: event.recordedAt))
            self.failure = .set(failure)
        case .cancelRequested: isCancelRequested = true
        case .completed(let output):
            self.output = output
            end(.completed, nil, event)
        case .failed(let failure): end(.failed, failure, event)
        case .timedOut(let failure): end(.timedOut, failure, event)
        case .cancelled: end(.cancelled, nil, event)
        }
    }

    private mutating func end(_ status: RunStatus, _ failure: RunFailure?, _ event: RecordedEvent) {
        self.status = status
        endedAt = event.recordedAt
        waiting = .set(nil)
        self.failure = .set(failure)
    }
}
