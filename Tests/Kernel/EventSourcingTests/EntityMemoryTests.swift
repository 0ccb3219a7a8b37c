import EventSourcing
import EventStoreConformance
import Synchronization
import Testing
import Vocabulary

@Suite struct `The memory of entities` {
    private let ids = SystemIDs()

    private func envelope() -> CommandEnvelope {
        CommandEnvelope(commandID: ids.next(), principal: .system("test"), correlation: ids.next(), lane: .p1, isRemembered: false)
    }

    private func addresses(_ count: Int) -> [StreamAddress] {
        (0..<count).map { _ in StreamAddress(tenant: ids.next(), stream: ids.next(), category: Counter.category) }
    }

    @Test func `10,000 entities in turn never are more than 500 in memory, and each has its state`() async throws {
        let store = InMemoryEventStore(clock: ids)
        let memory = EntityMemory(.init(entities: 500))
        let directory = EntityDirectory<Counter>(store: store, ids: ids, trail: nil, memory: memory)
        let addresses = addresses(10_000)
        for round in 1...2 {
            for address in addresses {
                let reply = try await directory.send(.add, to: address, envelope())
                #expect(reply.state == round)
                #expect(memory.report.residents <= 500)
            }
        }
        #expect(memory.report.evictions == 20_000 - 500)
        #expect(memory.report.serving == 0)
    }

    @Test func `drops those first that were not used for longest`() async throws {
        let memory = EntityMemory(.init(entities: 3))
        let directory = EntityDirectory<Counter>(store: InMemoryEventStore(clock: ids), ids: ids, trail: nil, memory: memory)
        let addresses = addresses(5)
        for place in [0, 1, 2, 0, 3, 0, 4] { _ = try await directory.send(.add, to: addresses[place], envelope()) }
        let live = try await addresses.asyncMap { try await directory.live($0)?.version.number }
        #expect(live == [3, nil, nil, 1, 1])
    }

    @Test func `holds large states within its bytes, and counts what a state takes now and not what it once took`() async throws {
        let store = InMemoryEventStore(clock: ids)
        let memory = EntityMemory(.init(bytes: 4 << 20))
        let directory = EntityDirectory<Note>(store: store, ids: ids, trail: nil, memory: memory)
        let addresses = addresses(40)
        let text = String(repeating: "x", count: 256 << 10)
        for address in addresses {
            // Each note replaces the one before, so the state is as large as one.
            for _ in 0..<8 { _ = try await directory.send(text, to: address, envelope()) }
            #expect(memory.report.bytes <= 4 << 20)
        }
        // Were all notes counted, two entities would fill the memory.
        #expect(memory.report.residents >= 6 && memory.report.residents <= 16)
    }

    @Test func `a command that comes while its entity is dropped finds another one with the same state`() async throws {
        let store = InMemoryEventStore(clock: ids)
        let memory = EntityMemory(.init(entities: 1))
        let directory = EntityDirectory<Counter>(store: store, ids: ids, trail: nil, memory: memory)
        let addresses = addresses(4)
        _ = try await atOnce(64) {
            for _ in 0..<20 {
                for address in addresses {
                    _ = try await directory.send(.add, to: address, envelope())
                    directory.forget(address)
                }
            }
        }
        for address in addresses {
            let numbers = try await store.read(address, after: .none, limit: 10_000).compactMap { $0.form.head["from"]?.integer }
            #expect(numbers == Array(0..<64 * 20))
        }
        #expect(memory.report.residents <= 1)
    }

    @Test func `forgets all entities at once, those that serve somebody when they do no more`() async throws {
        let store = CountingStore(InMemoryEventStore(clock: ids))
        let memory = EntityMemory()
        let directory = EntityDirectory<Counter>(store: store, ids: ids, trail: nil, memory: memory)
        let addresses = addresses(2)
        async let serving = directory.state(at: addresses[0])
        await store.waitForReaders(1)
        memory.forgetAll()
        #expect(memory.report.residents == 1)
        store.open()
        _ = try await serving
        #expect(memory.report.residents == 0)
        _ = try await directory.state(at: addresses[1])
        memory.forgetAll()
        #expect(memory.report.residents == 0)
    }

    @Test func `lets few read the log at once, however many start`() async throws {
        let store = CountingStore(InMemoryEventStore(clock: ids))
        let directory = EntityDirectory<Counter>(store: store, ids: ids, trail: nil)
        let addresses = addresses(200)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for address in addresses { group.addTask { _ = try await directory.state(at: address) } }
            await store.waitForReaders(Limits.loadsAtOnce)
            store.open()
            try await group.waitForAll()
        }
        #expect(store.mostReaders == Limits.loadsAtOnce)
    }
}

extension Sequence {
    fileprivate func asyncMap<Value>(_ change: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await change(element)) }
        return values
    }
}

/// An entity whose state is the last text it was given.
private enum Note: Decider {
    struct Event: DomainEvent {
        let text: String
        var stored: StoredForm { StoredForm("note.taken", ["text": .string(text)]) }

        static func decode(_ form: StoredForm) throws(StoredFormError) -> Event {
            guard let text = form.head["text"]?.string else { throw StoredFormError(form, member: "text") }
            return Event(text: text)
        }
    }

    struct Refusal: Rejection {
        let kind = RejectionKind.invalid
        let description = "never"
    }

    static let category = Category("note")
    static let initialState = ""
    static func decide(_ text: String, _ state: String, now: Timestamp) throws(Refusal) -> [Event] { [Event(text: text)] }
    static func evolve(_ state: String, _ event: Event) -> String { event.text }
    static func action(of command: String) -> String { "note.take" }
    static func subject(of state: State) -> Void? { nil }
    static let fields: [EntityField<Void, Event>] = []
}

/// Counts who reads streams at once; all wait until it is opened.
private final class CountingStore: ForwardingStore {
    private struct State {
        var readers = 0
        var mostReaders = 0
        var isOpen = false
    }

    let base: any EventStore
    private let state = Mutex(State())

    init(_ log: InMemoryEventStore) { base = log }

    var mostReaders: Int { state.withLock { $0.mostReaders } }
    func open() { state.withLock { $0.isOpen = true } }
    func waitForReaders(_ count: Int) async { while state.withLock({ $0.readers }) < count { await Task.yield() } }

    func read(_ address: StreamAddress, after version: StreamVersion, limit: Int) async throws(EventStoreError) -> [RecordedEvent] {
        state.withLock {
            $0.readers += 1
            $0.mostReaders = max($0.mostReaders, $0.readers)
        }
        while !state.withLock({ $0.isOpen }) { await Task.yield() }
        let events = try await base.read(address, after: version, limit: limit)
        state.withLock { $0.readers -= 1 }
        return events
    }
}
