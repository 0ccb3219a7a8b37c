import Vocabulary

/// A state and the version of the stream that made it.
struct Folded<D: Decider>: Sendable {
    var state: D.State
    var version: StreamVersion
    /// About what the state takes in memory: what the events brought that are in it, measured again whenever that has doubled.
    private(set) var bytes: Int
    private var measured: Int

    init(state: D.State, version: StreamVersion, bytes: Int = 0) {
        self.state = state
        self.version = version
        self.bytes = bytes
        measured = bytes
    }

    mutating func apply(_ event: RecordedEvent) throws(EventStoreError) {
        guard event.version == version + 1 else {
            throw EventStoreError(.corrupt("\(event.address) has version \(event.version) after \(version)"))
        }
        do { D.apply(try D.Event.restore(event.form), to: &state) } catch {
            throw EventStoreError(.unreadable("\(event.address) version \(event.version): \(error)"))
        }
        version = event.version
        grow(by: event.form.footprint)
    }

    /// Takes over a state that was folded elsewhere from events of that size.
    mutating func advance(to state: D.State, _ version: StreamVersion, adding size: Int) {
        (self.state, self.version) = (state, version)
        grow(by: size)
    }

    /// Measures the state whenever it may have doubled, since later events replace what earlier ones brought. Cost: a constant for each byte
    /// of events.
    private mutating func grow(by size: Int) {
        bytes += size
        guard bytes > 2 * max(measured, Limits.smallState) else { return }
        // A state that cannot be encoded (try?) keeps its estimate; every snapshot of it fails and says so.
        if let encoded = try? CBOR.encode(state) { bytes = encoded.count }
        measured = bytes
    }
}

extension StoredForm {
    /// About what the event adds to a state in memory, in bytes.
    var footprint: Int { (attachment?.count ?? 0) + head.footprint }
}

extension JSONValue {
    /// Two words for a value beside its text.
    private static let overhead = 16

    fileprivate var footprint: Int {
        switch self {
        case .null, .bool: Self.overhead
        case .number(let number): Self.overhead + number.text.utf8.count
        case .string(let text): Self.overhead + text.utf8.count
        case .array(let elements): elements.reduce(Self.overhead) { $0 + $1.footprint }
        case .object(let object): object.members.reduce(Self.overhead) { $0 + $1.name.utf8.count + $1.value.footprint }
        }
    }
}

/// A command in a mailbox. The entity's actor is the only one that touches it.
final class Letter<D: Decider>: @unchecked Sendable {
    // Unchecked: created, filled and resumed on the entity's actor alone; the continuation is stored before the actor is left.
    let command: D.Command
    let envelope: CommandEnvelope
    var answer: Result<EntityReply<D.State>, any Error>?
    private var waiting: CheckedContinuation<Void, any Error>?

    init(command: D.Command, envelope: CommandEnvelope) {
        self.command = command
        self.envelope = envelope
    }

    /// Waits until the letter is answered or its caller is to drain.
    func awaitTurn(isolation: isolated (any Actor)? = #isolation) async throws {
        try await withCheckedThrowingContinuation { waiting = $0 }
    }

    func resume() {
        waiting?.resume()
        waiting = nil
    }
}

/// A batch of commands decided on a rolling state: pure, no `await`.
struct Draft<D: Decider> {
    enum Verdict {
        /// The state after the command, the version then, and how many events of the draft there were by then.
        case accepted(D.State, StreamVersion, count: Int)
        case refused(D.Refusal)
    }

    private(set) var state: D.State
    private(set) var events: [NewEvent] = []
    private(set) var verdicts: [Verdict] = []
    private(set) var batch: AppendBatch

    init(of letters: [Letter<D>], on folded: Folded<D>, address: StreamAddress, ids: any IDSource) {
        state = folded.state
        let expected: ExpectedVersion = folded.version == .none ? .none : .exactly(folded.version)
        batch = AppendBatch(address: address, expected: expected, events: [])
        let now = ids.now()
        for letter in letters { decide(letter, from: folded.version, now: now, ids: ids) }
        batch = batch.with(events: events)
        batch.dataKey = D.dataKey(of: state)
    }

    private mutating func decide(_ letter: Letter<D>, from version: StreamVersion, now: Timestamp, ids: any IDSource) {
        do throws(D.Refusal) {
            let decided = try D.decide(letter.command, state, now: now)
            precondition(decided.count <= Limits.eventsPerBatch, "\(D.category) decided \(decided.count) events at once")
            for event in decided { add(event, for: letter.envelope, ids: ids) }
            if !decided.isEmpty {
                if letter.envelope.isRemembered { batch.marks.append(letter.envelope.mark) }
                batch.stateWrites += letter.envelope.stateWrites
                batch.term = batch.term ?? letter.envelope.term
            }
            verdicts.append(.accepted(state, version + events.count, count: events.count))
        } catch {
            verdicts.append(.refused(error))
        }
    }

    private mutating func add(_ event: D.Event, for envelope: CommandEnvelope, ids: any IDSource) {
        D.apply(event, to: &state)
        events.append(NewEvent(id: ids.next(), form: event.stored, meta: EventMeta(envelope)))
        let released = D.releases(of: event)
        batch.releases += released
        // A batch gives names back before it claims any, so a claim of an earlier event that this one takes back must go.
        if !released.isEmpty { batch.reservations.removeAll { released.contains($0) } }
        batch.reservations += D.reservations(of: event)
        switch D.work(of: event) {
        case .asks(let kind, let due): batch.work = .asks(kind, envelope.lane, due: due)
        case .done: batch.work = .done
        case nil: break
        }
    }
}

extension CommandEnvelope {
    /// The key under which the log remembers that the command was done.
    package var mark: String { "command:\(commandID)" }
}
