import Domain
import EventSourcing
import Vocabulary

/// Collects what a run learned and appends it, as seldom as its promises allow.
struct JournalRecorder {
    private let directory: EntityDirectory<RunDecider>
    private let address: StreamAddress
    private let envelope: JournalEnvelope
    private var pending: [RunEvent] = []
    private(set) var overlay = StateOverlay()
    private(set) var hasFailedCall = false
    /// Console lines that the journal holds already; a run that is taken up again writes them a second time.
    private var linesToSkip: Int

    init(directory: EntityDirectory<RunDecider>, address: StreamAddress, envelope: JournalEnvelope, linesToSkip: Int) {
        self.directory = directory
        self.address = address
        self.envelope = envelope
        self.linesToSkip = linesToSkip
    }

    var isEmpty: Bool { pending.isEmpty }

    mutating func add(_ event: RunEvent) {
        if case .callCompleted(_, let result) = event, result.isError { hasFailedCall = true }
        pending.append(event)
    }

    /// An error that an earlier commit recorded counts too when the workflow fails over it.
    mutating func noteReplayed(_ result: CallResult) { if result.isError { hasFailedCall = true } }

    mutating func add(_ write: StateWrite) { overlay.writes.append(write) }

    /// Answers whether the line is new.
    mutating func add(_ line: LogLine) -> Bool {
        if linesToSkip > 0 {
            linesToSkip -= 1
            return false
        }
        if case .logged(let lines) = pending.last { pending[pending.count - 1] = .logged(lines + [line]) } else { pending.append(.logged([line])) }
        return true
    }

    /// Appends what waits, with its state writes, in one batch; large ones in several.
    mutating func commit(_ ids: any IDSource) async throws {
        while !pending.isEmpty {
            let batch = Array(pending.prefix(Limits.eventsPerBatch))
            let isLast = batch.count == pending.count
            let command = envelope.command(ids.next(), stateWrites: isLast ? overlay.writes : [])
            _ = try await directory.send(.record(batch), to: address, command)
            pending.removeFirst(batch.count)
            if isLast { overlay.writes = [] }
        }
    }
}

/// What all commands of one execution share.
struct JournalEnvelope: Sendable {
    let correlation: CorrelationID
    let causation: UInt128
    let lane: Lane
    let environment: EnvironmentName

    func command(_ id: CommandID, stateWrites: [StateWrite]) -> CommandEnvelope {
        CommandEnvelope(
            commandID: id, principal: .system("runs"), correlation: correlation, causation: causation, lane: lane, environment: environment,
            // The expected version alone keeps a second executor out, so the id need not be remembered.
            isRemembered: false, stateWrites: stateWrites)
    }
}
