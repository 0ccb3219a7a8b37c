import EventSourcing

/// What one caller wants committed; many of them share one statement and one flush to disk.
protocol CommitRequest: Sendable {
    /// Rows that it becomes, at least 1.
    var rowCount: Int { get }
    /// Bytes that it holds, near enough for caps.
    var byteCount: Int { get }
    /// Two requests with one key never share a statement; nil for those that may meet any other.
    var exclusiveKey: UInt128? { get }
}

/// A request and the caller who waits for its answer. A class, since it is moved from queue to group to rest.
final class CommitEntry<Request: CommitRequest, Answer: Sendable>: Sendable {
    let request: Request
    let submitted: ContinuousClock.Instant
    private let continuation: CheckedContinuation<Result<Answer, EventStoreError>, Never>

    init(_ request: Request, at submitted: ContinuousClock.Instant, _ continuation: CheckedContinuation<Result<Answer, EventStoreError>, Never>) {
        self.request = request
        self.submitted = submitted
        self.continuation = continuation
    }

    /// To be called exactly once.
    func answer(_ result: Result<Answer, EventStoreError>) { continuation.resume(returning: result) }

    /// To be called exactly once.
    func fail(_ code: EventStoreError.Code) { continuation.resume(returning: .failure(EventStoreError(code))) }
}

/// How much one statement takes; what does not fit waits for the next.
struct GroupLimits: Sendable {
    /// Beyond some hundred rows a bigger statement is no cheaper by the row and only makes everybody wait.
    var rows = 256
    /// A statement is held in memory three times over on its way.
    var bytes = 4 << 20
    /// How often a thread that has just answered looks for more before it sleeps: some 50 us, in which whoever was answered comes back with
    /// his next request. To be woken takes as long.
    var looksBeforeSleep = 100
    /// Entries looked at for one group, so that a queue full of one stream's batches is not searched whole each time.
    var entriesSearched = 1024
}

/// How much may wait before callers are refused.
struct BacklogLimits: Sendable {
    /// A fifth of a second of the fastest commits; more waiting helps nobody.
    var entries = 8192
    /// Bodies have up to 5 MB each, so entries alone do not bound memory.
    var bytes = 64 << 20
}
