import EventSourcing
import Synchronization
import Vocabulary

/// The smallest entity that has everything: it counts, and what it is asked must name the count it saw.
enum Counter: Decider {
    enum Command: Sendable {
        /// Adds one and keeps the sum before it.
        case add
        /// Adds one if the count is this.
        case addAt(Int)
        /// Claims a name.
        case claim(String)
        /// Gives a name back.
        case release(String)
        /// Is always refused.
        case refuse
        /// Has nothing to do.
        case rest
    }

    enum Event: DomainEvent {
        case added(from: Int)
        case claimed(String)
        case released(String)

        var stored: StoredForm {
            switch self {
            case .added(let before): StoredForm("counter.added", ["from": .int(before)])
            case .claimed(let name): StoredForm("counter.claimed", ["name": .string(name)])
            case .released(let name): StoredForm("counter.released", ["name": .string(name)])
            }
        }

        static func decode(_ form: StoredForm) throws(StoredFormError) -> Event {
            if form.type == "counter.added", let before = form.head["from"]?.integer { return .added(from: before) }
            if form.type == "counter.claimed", let name = form.head["name"]?.string { return .claimed(name) }
            if form.type == "counter.released", let name = form.head["name"]?.string { return .released(name) }
            throw StoredFormError(form)
        }
    }

    struct Refusal: Rejection, Equatable {
        let description: String
        var kind: RejectionKind { .conflict }
    }

    static let category = Category("counter")
    static let initialState = 0

    static func decide(_ command: Command, _ state: Int, now: Timestamp) throws(Refusal) -> [Event] {
        switch command {
        case .add: return [.added(from: state)]
        case .addAt(let wanted):
            guard state == wanted else { throw Refusal(description: "the count is \(state)") }
            return [.added(from: state)]
        case .claim(let name): return [.claimed(name)]
        case .release(let name): return [.released(name)]
        case .refuse: throw Refusal(description: "never")
        case .rest: return []
        }
    }

    static func evolve(_ state: Int, _ event: Event) -> Int { if case .added = event { state + 1 } else { state } }

    static func subject(of count: Int) -> Int? { count }
    static let fields: [EntityField<Int, Event>] = [.integer("count") { $0 }]

    static func action(of command: Command) -> String { "counter.\(command)" }

    static func reservations(of event: Event) -> [Reservation] {
        guard case .claimed(let name) = event else { return [] }
        return [reservation(name)]
    }

    static func releases(of event: Event) -> [Reservation] {
        guard case .released(let name) = event else { return [] }
        return [reservation(name)]
    }

    private static func reservation(_ name: String) -> Reservation { Reservation(scope: TenantID(bits: 1), kind: "counter.name", key: name) }
}

/// The log in memory, with a lock on its door and faults to order.
final class FaultyStore: ForwardingStore {
    private struct State {
        var faults: [EventStoreError.Code] = []
        var isShut = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var batchSizes: [Int] = []
        var readCount = 0
        var eventsRead = 0
        var receiptFaults: [EventStoreError.Code] = []
        var terms: [SliceTerm?] = []
        var pastTerm: SliceTerm?
    }

    let log: InMemoryEventStore
    var base: any EventStore { log }
    private let state = Mutex(State())

    init(_ ids: any IDSource) { log = InMemoryEventStore(clock: ids) }

    /// The next appends fail, in this order, without storing anything.
    func fail(_ faults: EventStoreError.Code...) { state.withLock { $0.faults += faults } }

    /// The next looks for a mark fail.
    func failReceipts(_ faults: EventStoreError.Code...) { state.withLock { $0.receiptFaults += faults } }

    /// Appends wait until `open`.
    func shut() { state.withLock { $0.isShut = true } }

    func open() {
        let waiting = state.withLock { state in
            state.isShut = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Refuses what is bound to a term, as a node does that owns the slice no more.
    func refuse(boundTo term: SliceTerm) { state.withLock { $0.pastTerm = term } }

    /// The terms that appends were bound to.
    var terms: [SliceTerm?] { state.withLock { $0.terms } }
    /// How many events each append brought.
    var batchSizes: [Int] { state.withLock { $0.batchSizes } }
    /// How often a stream was read.
    var readCount: Int { state.withLock { $0.readCount } }
    /// How many events of streams were read.
    var eventsRead: Int { state.withLock { $0.eventsRead } }
    /// How many appends stand at the door.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    func append(_ batch: AppendBatch) async throws(EventStoreError) -> AppendOutcome {
        await withCheckedContinuation { continuation in
            let mayPass = state.withLock { state in
                if state.isShut { state.waiting.append(continuation) }
                return !state.isShut
            }
            if mayPass { continuation.resume() }
        }
        let fault = state.withLock { state -> EventStoreError.Code? in
            state.batchSizes.append(batch.events.count)
            state.terms.append(batch.term)
            if let term = batch.term, term == state.pastTerm { return .fenced }
            return state.faults.isEmpty ? nil : state.faults.removeFirst()
        }
        if let fault { throw EventStoreError(fault) }
        return try await log.append(batch)
    }

    func read(_ address: StreamAddress, after version: StreamVersion, limit: Int) async throws(EventStoreError) -> [RecordedEvent] {
        let events = try await log.read(address, after: version, limit: limit)
        state.withLock {
            $0.readCount += 1
            $0.eventsRead += events.count
        }
        return events
    }

    func receipt(ofMark mark: String, tenant: TenantID) async throws(EventStoreError) -> AppendReceipt? {
        let fault = state.withLock { $0.receiptFaults.isEmpty ? nil : $0.receiptFaults.removeFirst() }
        if let fault { throw EventStoreError(fault) }
        return try await log.receipt(ofMark: mark, tenant: tenant)
    }
}
