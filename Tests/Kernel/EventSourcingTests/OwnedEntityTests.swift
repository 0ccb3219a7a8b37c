import EventSourcing
import EventStoreConformance
import Synchronization
import Testing
import Vocabulary

/// An owner whose terms a test gives and takes.
private final class GivenTerm: SliceOwnership {
    private let epoch = Mutex<Int64?>(1)

    func give(_ epoch: Int64?) { self.epoch.withLock { $0 = epoch } }

    func term(of _: Slice) -> SliceTerm? { epoch.withLock { $0.map(SliceTerm.init) } }

    func holds(_ slice: Slice) -> Bool { term(of: slice) != nil }
}

@Suite struct `An entity of a slice that changes hands` {
    private let ids = SystemIDs()
    private let ownership = GivenTerm()
    private let store: FaultyStore
    private let memory: EntityMemory
    private let address: StreamAddress
    private let entity: Entity<Counter>
    /// The same stream as the next owner sees it.
    private let elsewhere: Entity<Counter>

    init() {
        store = FaultyStore(ids)
        memory = EntityMemory(ownership: ownership)
        address = StreamAddress(tenant: ids.next(), stream: ids.next(), category: Counter.category)
        entity = Entity(address: address, store: store, ids: ids, memory: memory)
        elsewhere = Entity(address: address, store: store, ids: ids)
    }

    private func envelope(_ term: SliceTerm? = nil) -> CommandEnvelope {
        CommandEnvelope(commandID: ids.next(), principal: .system("test"), correlation: ids.next(), lane: .p1, term: term)
    }

    @Test func `answers from memory while its term lasts`() async throws {
        _ = try await entity.send(.add, envelope())
        let reads = store.readCount
        #expect(try await entity.state() == 1)
        #expect(store.readCount == reads)
    }

    @Test func `answers what the next owner wrote as soon as its term is over`() async throws {
        _ = try await entity.send(.add, envelope())
        ownership.give(nil)
        _ = try await elsewhere.send(.add, envelope())
        #expect(try await entity.state() == 2)
        // A command that comes to nothing is answered without an append, so it must not be decided on what is remembered.
        _ = try await elsewhere.send(.add, envelope())
        #expect(try await entity.send(.rest, envelope()).state == 3)
    }

    @Test func `remembers nothing of an earlier term of its own`() async throws {
        _ = try await entity.send(.add, envelope())
        ownership.give(nil)
        _ = try await elsewhere.send(.add, envelope())
        ownership.give(3)
        #expect(try await entity.state() == 2)
    }

    @Test func `remembers nothing while another owns it`() async throws {
        ownership.give(nil)
        _ = try await entity.send(.add, envelope())
        _ = try await elsewhere.send(.add, envelope())
        #expect(try await entity.state() == 2)
    }

    @Test func `reads again when it is told of a newer version`() async throws {
        let directory = EntityDirectory<Counter>(store: store, ids: ids, trail: nil, memory: memory)
        _ = try await directory.send(.add, to: address, envelope())
        _ = try await elsewhere.send(.add, envelope())
        memory.overtake(address, at: StreamVersion(2))
        #expect(try await directory.state(at: address) == 2)
        // What it knows already makes it read nothing.
        let reads = store.readCount
        memory.overtake(address, at: StreamVersion(2))
        #expect(try await directory.state(at: address) == 2)
        #expect(store.readCount == reads)
    }

    @Test func `a command of work done under a term carries it to the log`() async throws {
        _ = try await entity.send(.add, envelope(SliceTerm(1)))
        #expect(store.terms == [SliceTerm(1)])
    }

    @Test func `a command that is bound to a past term spoils none that waits beside it`() async throws {
        store.refuse(boundTo: SliceTerm(1))
        store.shut()
        async let first = entity.send(.add, envelope())
        while store.waitingCount == 0 { await Task.yield() }
        async let bound: Bool = {
            do {
                _ = try await entity.send(.add, envelope(SliceTerm(1)))
                return false
            } catch let error as EventStoreError { return error.code == .fenced }
        }()
        async let free = entity.send(.add, envelope())
        while await entity.waitingCount < 2 { await Task.yield() }
        store.open()
        let (_, isFenced, reply) = try await (first, bound, free)
        #expect(isFenced)
        #expect(reply.state == 2)
    }
}
