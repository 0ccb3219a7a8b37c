import Cluster
import EventSourcing
import EventStoreConformance
import NATSDriver
import Testing
import Vocabulary

@Suite struct `The log of a cluster` {
    private let ids = SystemIDs()
    private let owners = TestRegistry.Owners()

    /// Runs `body` with nodes on one log, the first of which owns everything.
    private func withNodes(_ count: Int, parcels: InMemoryParcels = InMemoryParcels(), _ body: ([TestNode], InMemoryEventStore) async throws -> Void)
        async throws
    {
        try await withNATS { url in
            let log = InMemoryEventStore(clock: ids)
            let names: [NodeID] = (0..<count).map { _ in ids.next() }
            owners.current = names[0]
            var nodes: [TestNode] = []
            for name in names { nodes.append(try await TestNode(url, owners: owners, id: name, log: log, parcels: parcels)) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for node in nodes { group.addTask { try await node.serve() } }
                try await body(nodes, log)
                for node in nodes { await node.connection.close() }
            }
        }
    }

    @Test func `passes the conformance suite from a node that owns nothing`() async throws {
        try await withNodes(2) { nodes, log in
            for check in EventStoreConformance.checks {
                do { try await check.run(on: nodes[1].log, keys: log) } catch { Issue.record("\(check): \(error)") }
            }
        }
    }

    @Test func `what is too large for the bus goes by the database`() async throws {
        let parcels = InMemoryParcels()
        try await withNodes(2, parcels: parcels) { nodes, log in
            let fixture = ConformanceFixture(store: nodes[1].log)
            let (stream, bytes) = (fixture.stream(), [UInt8](repeating: 7, count: 2 << 20))
            let batch = AppendBatch(address: stream, expected: .none, events: [fixture.event(attachment: bytes)])
            try await fixture.append(batch)
            #expect(try await log.read(stream, after: .none, limit: 1).first?.form.attachment == bytes)
            #expect(parcels.count == 1)
        }
    }

    @Test func `a batch whose first answer came too late was appended, and stands there once`() async throws {
        try await withNodes(2) { nodes, log in
            let fixture = ConformanceFixture(store: nodes[1].log)
            let stream = fixture.stream()
            nodes[0].late.arm()
            try await fixture.append(fixture.batch(stream, .none))
            #expect(try await log.read(stream, after: .none, limit: 10).count == 1)
        }
    }

    @Test func `a batch finds the owner though the node believes in another`() async throws {
        try await withNodes(3) { nodes, _ in
            let fixture = ConformanceFixture(store: nodes[1].log)
            try await fixture.append(fixture.batch(fixture.stream(), .none))
            owners.current = nodes[2].registry.node
            try await fixture.append(fixture.batch(fixture.stream(), .none))
            owners.current = nodes[1].registry.node
            try await fixture.append(fixture.batch(fixture.stream(), .none))
        }
    }

    @Test func `a batch waits for an owner, and none is lost or doubled when the one it asked dies`() async throws {
        try await withNodes(3) { nodes, log in
            let fixture = ConformanceFixture(store: nodes[1].log)
            let stream = fixture.stream()
            await nodes[0].connection.close()
            async let outcome = nodes[1].store.append(fixture.batch(stream, .none))
            owners.current = nodes[2].registry.node
            guard case .appended = try await outcome else { throw Broken(description: "not appended") }
            #expect(try await log.read(stream, after: .none, limit: 10).count == 1)
        }
    }

    @Test func `work that was done under a term is refused when another owns the slice, and goes to nobody`() async throws {
        try await withNodes(2) { nodes, log in
            let fixture = ConformanceFixture(store: nodes[1].log)
            var batch = fixture.batch(fixture.stream(), .none)
            batch.term = SliceTerm(1)
            let error = await #expect(throws: EventStoreError.self) { _ = try await nodes[1].store.append(batch) }
            #expect(error?.code == .fenced)
            #expect(try await log.heads().isEmpty)
            _ = try await nodes[0].store.append(batch)
        }
    }

    @Test func `an entity of the owner sees what other nodes had appended`() async throws {
        try await withNodes(2) { nodes, _ in
            let address = StreamAddress(tenant: ids.next(), stream: ids.next(), category: Tally.category)
            let here = EntityDirectory<Tally>(store: nodes[0].store, ids: ids, trail: nil, memory: nodes[0].memory)
            let there = EntityDirectory<Tally>(store: nodes[1].store, ids: ids, trail: nil, memory: nodes[1].memory)
            for round in 1...20 {
                let envelope = CommandEnvelope(commandID: ids.next(), principal: .system("test"), correlation: ids.next(), lane: .p1)
                _ = try await (round.isMultiple(of: 2) ? here : there).send(.count, to: address, envelope)
                #expect(try await here.state(at: address) == round)
                #expect(try await there.state(at: address) == round)
            }
        }
    }
}

/// Counts its commands.
private enum Tally: Decider {
    enum Command: Sendable { case count }

    enum Event: DomainEvent {
        case counted

        var stored: StoredForm { StoredForm("tally.counted", [:]) }

        static func decode(_ form: StoredForm) throws(StoredFormError) -> Event { .counted }
    }

    struct Refusal: Rejection {
        var description: String { "refused" }
        var kind: RejectionKind { .conflict }
    }

    static let category = Category("tally")
    static let initialState = 0
    static func decide(_: Command, _: Int, now _: Timestamp) -> [Event] { [.counted] }
    static func evolve(_ state: Int, _: Event) -> Int { state + 1 }
    static func subject(of count: Int) -> Int? { count }
    static let fields: [EntityField<Int, Event>] = []
    static func action(of _: Command) -> String { "tally.count" }
}
