package import Vocabulary

/// The append-only log: the only truth there is.
///
/// Two implementations pass one conformance suite: Postgres, and a twin in memory for tests and for running a file without a server.
package protocol EventStore: Sendable {
    /// Appends one batch to one stream, whole or not at all.
    ///
    /// Answers after the commit. A refusal is an outcome, not an error; an error means that nothing is known to be stored.
    func append(_ batch: AppendBatch) async throws(EventStoreError) -> AppendOutcome

    /// A stream's events after `version`, oldest first, at most `limit`; none when the stream is another tenant's or of another category.
    func read(_ address: StreamAddress, after version: StreamVersion, limit: Int) async throws(EventStoreError) -> [RecordedEvent]

    /// A slice's events after `position`, in order without gap, at most `limit`; empty at the head.
    func read(_ slice: Slice, after position: Int64, limit: Int) async throws(EventStoreError) -> [RecordedEvent]

    /// Where the events are that were appended under a mark; nil when the mark was never done.
    func receipt(ofMark mark: String, tenant: TenantID) async throws(EventStoreError) -> AppendReceipt?

    /// The newest position of every slice that has events.
    func heads() async throws(EventStoreError) -> [Slice: Int64]
}

/// One stream's events and what must become true with them.
package struct AppendBatch: Sendable {
    package let address: StreamAddress
    package let expected: ExpectedVersion
    package private(set) var events: [NewEvent]
    /// What becomes of the stream's job; nil leaves it as it is.
    package var work: WorkOrder?
    /// Keys that may be done once: command ids, webhook deliveries.
    package var marks: [String] = []
    /// Names claimed, after those in `releases` are given back.
    package var reservations: [Reservation] = []
    package var releases: [Reservation] = []
    package var stateWrites: [StateWrite] = []
    /// The key under which data of its events is encrypted, and of state that belongs to the stream alone; nil is the tenant's.
    package var dataKey: DataKeyID?
    /// The term under which this process must own the slice for the batch to make sense; nil when anybody may append it.
    package var term: SliceTerm?

    package init(address: StreamAddress, expected: ExpectedVersion, events: [NewEvent]) {
        self.address = address
        self.expected = expected
        self.events = events
    }

    /// The key under which a value of state is encrypted: the stream's for what belongs to it alone, else the tenant's, which is nil.
    package func dataKey(of write: StateWrite) -> DataKeyID? { write.scope.bits == address.stream.bits ? dataKey : nil }

    /// The same batch with other events.
    package func with(events: [NewEvent]) -> AppendBatch {
        var copy = self
        copy.events = events
        return copy
    }
}

/// What a batch does to its stream's job. The job waits in the log's own database until its outcome is there too.
package enum WorkOrder: Hashable, Sendable {
    case asks(WorkKind, Lane, due: Timestamp?)
    case done
}

/// Where a batch went, or why it did not.
package enum AppendOutcome: Hashable, Sendable {
    case appended(AppendReceipt)
    /// The same batch is stored already: a re-send.
    case already(AppendReceipt)
    /// A mark of the batch was done before, by these events.
    case repeated(AppendReceipt)
    /// The stream is at another version.
    case conflict(actual: StreamVersion)
    /// Another stream holds a name that the batch claims.
    case taken
}

/// The place of a batch's first event.
package struct AppendReceipt: Hashable, Sendable {
    package let first: LogPosition
    package let version: StreamVersion
    package let recordedAt: Timestamp

    package init(first: LogPosition, version: StreamVersion, recordedAt: Timestamp) {
        self.first = first
        self.version = version
        self.recordedAt = recordedAt
    }
}

/// Why the log could not answer; whoever sees one drops what it remembered and reads again.
package struct EventStoreError: Error, Sendable, CustomStringConvertible {
    /// What to do about it.
    package enum Code: Hashable, Sendable {
        /// The store cannot be reached; nothing was stored.
        case unavailable
        /// The connection broke after sending: stored or not is not known, a re-send of the same batch finds out.
        case unknownOutcome
        /// Another process owns the slice now; nothing was stored.
        case fenced
        /// Too much is waiting already.
        case overloaded
        /// The batch holds something that the store cannot take; it names what.
        case invalid(String)
        /// Stored bytes that this release cannot read.
        case unreadable(String)
        /// A promise of the store is broken; it names which.
        case corrupt(String)
        /// The store lacks events that were acknowledged; it names them. Nothing more is appended, since what is remembered rests on them.
        case lost(String)
    }

    package let code: Code

    package init(_ code: Code) { self.code = code }

    package var description: String {
        switch code {
        case .unavailable: "the event log cannot be reached; nothing was stored, try again"
        case .unknownOutcome: "the connection to the event log broke during a commit; send the same request again"
        case .fenced: "another process owns this part of the event log now; try again"
        case .overloaded: "too much is waiting for the event log; try again"
        case .invalid(let what): "the event log cannot take \(what)"
        case .unreadable(let what): "the event log holds what this release cannot read: \(what); run the release that wrote it, or a newer one"
        case .corrupt(let what): "the event log is inconsistent: \(what)"
        case .lost(let what): what
        }
    }
}
