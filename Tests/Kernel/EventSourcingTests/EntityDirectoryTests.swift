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
        let directory = EntityDirectory<Counter>(store: store, ids: ids, trail: nil, capacity: 10)
        let addresses = (0..<50).map { _ in address() }
        for round in 1...3 {
            for address in addresses {
                let reply = try await directory.send(.add, to: address, envelope())
                #expect(reply.state == round)
                #expect(directory.residentCount <= 10)
            }
        }
    }

    @Test func `entities that are dropped while they serve lose nothing`() async throws {
        let store = InMemoryEventStore(clock: ids)
        let directory = EntityDirectory<Counter>(store: store, ids: ids, trail: nil, capacity: 2)
        let addresses = (0..<8).map { _ in address() }
        _ = try await atOnce(40) {
            for address in addresses {
                var isDone = false
                while !isDone {
                    // Two actors of one stream may outrun each other's retries; the caller asks again.
                    do { isDone = try await directory.send(.add, to: address, envelope()).state > 0 } catch let error as EventStoreError {
                        #expect(error.code == .overloaded)
                    }
                }
            }
        }
        for address in addresses {
            let events = try await store.read(address, after: .none, limit: 1000)
            #expect(events.compactMap { $0.form.head["from"]?.integer } == Array(0..<40))
        }
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
