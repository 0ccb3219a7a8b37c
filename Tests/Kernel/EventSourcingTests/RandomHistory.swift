import Domain
import EventSourcing
import EventStoreConformance
import Synchronization
import Testing
import Vocabulary

/// One entity with a history of random events in a log of its own, and what a slow and simple reading says of it.
struct RandomHistory {
    let kind: EntityKind
    let address: StreamAddress
    let store: ReadCountingStore
    let travel: TimeTravel
    let events: [RecordedEvent]
    /// What there is after each event, folded from the first event on each time; none when the cost is not wanted.
    let documents: [EntityDocument?]

    init(_ source: RandomEvents, seed: UInt64, count: Int, isDocumented: Bool = true) async throws {
        var random = SplitMix64(seed: seed)
        let ids = SystemIDs()
        store = ReadCountingStore(ids)
        let envelope = CommandEnvelope(commandID: ids.next(), principal: .system("test"), correlation: ids.next(), lane: .p2)
        let tenant: TenantID = ids.next()
        kind = source.kind
        let address = try #require(kind.address(of: ids.next(), in: tenant))
        for index in 0..<count {
            let event = NewEvent(id: ids.next(), form: source.make(index, &random).stored, meta: EventMeta(envelope))
            _ = try await store.append(AppendBatch(address: address, expected: .any, events: [event]))
            // Something else happens in the slice, so that a position is no version.
            let other = StreamAddress(tenant: tenant, stream: ids.next(), category: Category("other"))
            let noise = NewEvent(id: ids.next(), form: StoredForm("other.happened", [:]), meta: EventMeta(envelope))
            _ = try await store.append(AppendBatch(address: other, expected: .none, events: [noise]))
        }
        self.address = address
        travel = TimeTravel(store: store)
        events = try await store.read(address, after: .none, limit: count)
        documents = isDocumented ? try events.indices.map { [kind, events] in try Self.document(kind, events[...$0]) } : []
    }

    private static func document(_ kind: EntityKind, _ events: ArraySlice<RecordedEvent>) throws -> EntityDocument? {
        var fold = kind.begin()
        for event in events { _ = try fold.apply(event.form, EventStamp(event)) }
        return fold.document
    }

    func found(_ moment: Moment) async throws -> PastEntity {
        guard case .found(let entity) = try await travel.asOf(kind, at: address, moment) else { throw NothingFound() }
        return entity
    }

    func diff(from: Moment, to: Moment) async throws -> EntityDiff {
        guard case .found(let diff) = try await travel.diff(kind, at: address, from: from, to: to) else { throw NothingFound() }
        return diff
    }

    /// The event that set each field, by comparing the documents of neighbours.
    func setters(at end: Int) -> [String: StreamVersion] {
        var setters: [String: StreamVersion] = [:]
        var before: [String: JSONValue] = [:]
        for index in 0...end {
            let now = documents[index]?.values ?? [:]
            for (pointer, value) in now where before[pointer] != value { setters[pointer] = events[index].version }
            before = now
        }
        return setters.filter { before[$0.key] != nil }
    }
}

/// The log in memory, which counts the events of streams that are read from it.
final class ReadCountingStore: ForwardingStore {
    let base: any EventStore
    private let read = Mutex(0)

    init(_ ids: any IDSource) { base = InMemoryEventStore(clock: ids) }

    /// Events read so far; what was counted before is forgotten.
    func takeCount() -> Int {
        read.withLock { count in
            defer { count = 0 }
            return count
        }
    }

    func read(_ address: StreamAddress, after version: StreamVersion, limit: Int) async throws(EventStoreError) -> [RecordedEvent] {
        let events = try await base.read(address, after: version, limit: limit)
        read.withLock { $0 += events.count }
        return events
    }
}

struct NothingFound: Error {}
struct SomethingFound: Error {}

/// Makes random events of one kind of entity. They need not be lawful: a fold takes what is in the log.
struct RandomEvents: Sendable, CustomStringConvertible {
    let kind: EntityKind
    let make: @Sendable (_ index: Int, inout SplitMix64) -> any DomainEvent

    var description: String { kind.name }

    static let all = [workflow, trigger, keyring, space, execution]

    static let workflow = RandomEvents(kind: EntityKinds.workflow) { index, random in
        let draft = WorkflowDraft(
            owner: TenantID(bits: 1), name: "n\(Int.random(in: 0..<3, using: &random))", slug: "s", description: "", tier: .standard,
            timeoutSeconds: Int.random(in: 5..<8, using: &random), retry: RetryPolicy(), language: .typescript,
            code: "c\(Int.random(in: 0..<3, using: &random))")
        if index == 0 { return WorkflowEvent.created(draft) }
        let artefact = WorkflowArtefact(hash: "h\(index)", script: "", sourceMap: "")
        // Versions count what was published; the fold takes their number from the event.
        return [WorkflowEvent.updated(draft), .enabled, .disabled][Int.random(in: 0..<3, using: &random)].or(
            .published(version: 1, draft, artefact), if: index == 5)
    }

    static let trigger = RandomEvents(kind: EntityKinds.trigger) { index, random in
        let specification = TriggerSpecification(
            space: SpaceID(bits: 1), name: "n\(Int.random(in: 0..<3, using: &random))", environment: .production, scheme: "github",
            secret: SecretID(bits: UInt128.random(in: 1...2, using: &random)), routes: [])
        if index == 0 { return TriggerEvent.created(specification) }
        return [TriggerEvent.created(specification), .updated(specification), .updated(specification), .enabled, .disabled, .deleted][
            Int.random(in: 0..<6, using: &random)]
    }

    static let keyring = RandomEvents(kind: EntityKinds.keyring) { _, random in
        let name = "S\(Int.random(in: 0..<4, using: &random))"
        return Int.random(in: 0..<3, using: &random) == 0
            ? KeyringEvent.deleted(name: name) : .written(name: name, secret: SecretID(bits: UInt128.random(in: 1...2, using: &random)))
    }

    static let space = RandomEvents(kind: EntityKinds.space) { index, random in
        let id = APIKeyID(bits: UInt128.random(in: 1...3, using: &random))
        if index == 0 { return SpaceEvent.created(name: "Acme") }
        return Bool.random(using: &random) ? SpaceEvent.keyRevoked(id) : .keyIssued(IssuedKey(id: id, name: "n", kind: .live, digest: "d"))
    }

    static let execution = RandomEvents(kind: EntityKinds.execution) { index, random in
        if index == 0 { return RunEvent.requested(.random) }
        let call = RunCall(index: Int.random(in: 0..<4, using: &random), operation: "state.get", input: "{}")
        let failure = RunFailure(name: "E", message: "m\(Int.random(in: 0..<2, using: &random))")
        func completed(_ outcome: CallResult.Outcome) -> RunEvent {
            .callCompleted(call, CallResult(outcome: outcome, startedAt: .epoch, duration: .zero, deliveredAt: .epoch))
        }
        return [
            RunEvent.callScheduled(call), completed(.value(Array("{\"n\":\(Int.random(in: 0..<2, using: &random))}".utf8))),
            completed(.error(failure)), .started(RunAttempt(number: index, seed: 1, at: .epoch, engine: "jsc")),
            .retryScheduled(attempt: 1, due: .epoch, failure), .logged([]), .parked(failure), .completed(output: Array("1".utf8)),
        ][Int.random(in: 0..<8, using: &random)]
    }
}

extension WorkflowEvent {
    fileprivate func or(_ other: WorkflowEvent, if condition: Bool) -> WorkflowEvent { condition ? other : self }
}

extension RunRequest {
    fileprivate static let random = RunRequest(
        space: SpaceID(bits: 1), workflow: WorkflowID(bits: 2), slug: "s", version: 1, artefact: "h", tier: .standard, timeout: .seconds(5),
        retry: RetryPolicy(), environment: .production, event: EventID(bits: 3), trigger: nil, triggeredBy: "webhook")
}

extension EntityDocument {
    /// Every pointer that can be attributed, and its value.
    var values: [String: JSONValue] {
        var values: [String: JSONValue] = [:]
        for field in fields {
            values[field.pointer] = field.value
            for member in field.members { values[field.pointer(to: member)] = member.value }
        }
        return values
    }
}

extension JSONValue {
    /// Puts a value at a pointer of one or two names; nil removes what is there.
    mutating func set(_ value: JSONValue?, at pointer: String) {
        let names = pointer.split(separator: "/").map(String.init)
        guard case .object(var object) = self else { return }
        if names.count == 1 {
            object[names[0]] = value
        } else {
            var inner = object[names[0]] ?? [:]
            inner.set(value, at: "/\(names[1])")
            object[names[0]] = inner
        }
        self = .object(object)
    }
}

extension StreamAddress {
    /// The same id taken for that of another kind of entity.
    func of(_ kind: EntityKind) -> StreamAddress { StreamAddress(tenant: tenant, stream: stream, category: kind.category, era: era) }
}
