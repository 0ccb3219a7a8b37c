import EventSourcing
import EventStoreConformance
import Testing
import Vocabulary

@Suite struct `The directory of entities` {
    private let ids = SystemIDs()

    private func envelope(_ id: CommandID? = nil) -> CommandEnvelope {
        CommandEnvelope(commandID: id ?? ids.next(), principal: .system("test"), correlation: ids.next(), lane: .p1)
    }

    private func address() -> StreamAddress { StreamAddress(tenant: ids.next(), stream: ids.next(), category: Counter.category) }

    @Test func `keeps no more entities than it may, and a dropped one knows its state again`() async throws {
        let store = InMemoryEventStore(clock: ids)
        let memory = EntityMemory(.init(entities: 10))
        let directory = EntityDirectory<Counter>(store: store, ids: ids, trail: nil, memory: memory)
        let addresses = (0..<50).map { _ in address() }
        for round in 1...3 {
            for address in addresses {
                let reply = try await directory.send(.add, to: address, envelope())
                #expect(reply.state == round)
                #expect(memory.report.residents <= 10)
            }
        }
    }

    @Test func `one tenant's entity is not there under another tenant, in memory or in the log`() async throws {
        let directory = EntityDirectory<Counter>(store: InMemoryEventStore(clock: ids), ids: ids, trail: nil)
        let own = address()
        _ = try await directory.send(.add, to: own, envelope())
        let stolen = StreamAddress(tenant: ids.next(), stream: own.stream, category: Counter.category)
        #expect(try await directory.state(at: stolen) == Counter.initialState)
        #expect(try await directory.state(at: own) == 1)
    }

    @Test func `an entity that serves is not dropped, nor forgotten, so that its stream never has two`() async throws {
        let store = FaultyStore(ids)
        let directory = EntityDirectory<Counter>(store: store, ids: ids, trail: nil, memory: EntityMemory(.init(entities: 2)))
        let serving = address()
        store.shut()
        async let first = directory.send(.add, to: serving, envelope())
        while store.waitingCount == 0 { await Task.yield() }
        for _ in 0..<8 { _ = try await directory.state(at: address()) }
        directory.forget(serving)
        async let second = directory.send(.add, to: serving, envelope())
        // The second waits in the mailbox of the first, where only the first's append can let it go.
        while directory.callerCount(at: serving) < 2 { await Task.yield() }
        store.open()
        let replies = try await [first, second]
        #expect(replies.map(\.state) == [1, 2])
        // A second actor of the stream would have been refused once for its version.
        #expect(store.batchSizes == [1, 1])
    }

    @Test func `a small directory loses nothing when many serve at once`() async throws {
        let store = InMemoryEventStore(clock: ids)
        let memory = EntityMemory(.init(entities: 2))
        let directory = EntityDirectory<Counter>(store: store, ids: ids, trail: nil, memory: memory)
        let addresses = (0..<8).map { _ in address() }
        _ = try await atOnce(40) { for address in addresses { _ = try await directory.send(.add, to: address, envelope()) } }
        for address in addresses {
            let events = try await store.read(address, after: .none, limit: 1000)
            #expect(events.compactMap { $0.form.head["from"]?.integer } == Array(0..<40))
        }
        #expect(memory.report.residents <= 2 && memory.report.serving == 0)
    }

    @Test func `puts a refusal into the audit trail, with who and what`() async throws {
        let store = InMemoryEventStore(clock: ids)
        let directory = EntityDirectory<Counter>(store: store, ids: ids, trail: RefusalTrail(store: store, ids: ids))
        let (address, envelope) = (address(), envelope())
        await #expect(throws: Counter.Refusal(description: "never")) { _ = try await directory.send(.refuse, to: address, envelope) }
        let events = try await store.read(address.slice, after: 0, limit: 10)
        #expect(events.map(\.form.type) == ["refusal.rejected"])
        #expect(events.first?.meta == EventMeta(envelope))
        #expect(events.first?.form.head["resourceId"]?.string == "\(address.stream)")
        #expect(events.first?.form.head["action"]?.string == "counter.refuse")
        #expect(events.first?.form.head["reason"]?.string == "never")
    }
}
