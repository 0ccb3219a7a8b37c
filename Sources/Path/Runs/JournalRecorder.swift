import Domain
import EventSourcing
import Vocabulary

/// Collects what a run learned and appends it, as seldom as its promises allow.
struct JournalRecorder {
    /// What waits to be appended, with the state that becomes true with it.
    private struct Entry {
        var event: RunEvent
        var stateWrite: StateWrite?
    }

    private let directory: EntityDirectory<RunDecider>
    private let address: StreamAddress
    private let envelope: JournalEnvelope
    private var pending: [Entry] = []
    private(set) var overlay = StateOverlay()
    private(set) var hasFailedCall = false
    /// Bytes of arguments and results in the whole journal, what waits among them.
    private(set) var journalBytes: Int
    /// Console lines that the journal holds already; a run that is taken up again writes them a second time.
    private var linesToSkip: Int

    /// `run` is what the journal holds already.
    init(directory: EntityDirectory<RunDecider>, address: StreamAddress, envelope: JournalEnvelope, run: Run, linesToSkip: Int) {
        self.directory = directory
        self.address = address
        self.envelope = envelope
        self.linesToSkip = linesToSkip
        journalBytes = run.journalBytes
    }

    /// Whether nothing waits to be appended.
    var isEmpty: Bool { pending.isEmpty }

    /// `stateWrite` is appended in the batch of its event: a journal that tells of a value without having it would lose it.
    mutating func add(_ event: RunEvent, with stateWrite: StateWrite? = nil) {
        if case .callCompleted(_, let result) = event, result.isError { hasFailedCall = true }
        journalBytes += event.journalBytes
        pending.append(Entry(event: event, stateWrite: stateWrite))
        if let stateWrite { overlay.writes.append(stateWrite) }
    }

    /// An error that an earlier commit recorded counts too when the workflow fails over it.
    mutating func noteReplayed(_ result: CallResult) { if result.isError { hasFailedCall = true } }

    /// Answers whether the line is new.
    mutating func add(_ line: LogLine) -> Bool {
        if linesToSkip > 0 {
            linesToSkip -= 1
            return false
        }
        if case .logged(let lines)? = pending.last?.event {
            pending[pending.count - 1].event = .logged(lines + [line])
        } else {
            pending.append(Entry(event: .logged([line])))
        }
        return true
    }

    /// Appends what waits in one batch; much of it in several.
    mutating func commit(_ ids: any IDSource) async throws {
        while !pending.isEmpty {
            let batch = nextBatch()
            let writes = batch.compactMap(\.stateWrite)
            _ = try await directory.send(.record(batch.map(\.event)), to: address, envelope.command(ids.next(), stateWrites: writes))
            pending.removeFirst(batch.count)
            overlay.writes.removeFirst(writes.count)
        }
    }

    /// The entries that are appended together: at least one.
    private func nextBatch() -> ArraySlice<Entry> {
        var bytes = 0
        let end = pending.prefix(Limits.eventsPerBatch).firstIndex { entry in
            defer { bytes += entry.event.journalBytes }
            return bytes > 0 && bytes + entry.event.journalBytes > Limits.journalBytesPerBatch
        }
        return pending.prefix(end ?? Limits.eventsPerBatch)
    }
}

/// What all commands of one execution share.
struct JournalEnvelope: Sendable {
    let correlation: CorrelationID
    let causation: UInt128
    let lane: Lane
    let environment: EnvironmentName
    /// The term under which the run is executed here, since whoever owns the slice later executes it himself; nil when nothing is recorded.
    var term: SliceTerm?

    func command(_ id: CommandID, stateWrites: [StateWrite]) -> CommandEnvelope {
        CommandEnvelope(
            commandID: id, principal: .system("runs"), correlation: correlation, causation: causation, lane: lane, environment: environment,
            // The expected version alone keeps a second executor out, so the id need not be remembered.
            isRemembered: false, stateWrites: stateWrites, term: term)
    }
}
