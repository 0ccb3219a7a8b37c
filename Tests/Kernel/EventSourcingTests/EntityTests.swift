import EventSourcing
import EventStoreConformance
import Testing
import Vocabulary

@Suite struct `An entity` {
    private let ids = SystemIDs()
    private let store: FaultyStore
    private let entity: Entity<Counter>
    private let address: StreamAddress

    init() {
        let ids = SystemIDs()
        store = FaultyStore(ids)
        address = StreamAddress(tenant: ids.next(), stream: ids.next(), category: Counter.category)
        entity = Entity(address: address, store: store, ids: ids)
    }

    private func envelope(_ id: CommandID? = nil) -> CommandEnvelope {
        CommandEnvelope(commandID: id ?? ids.next(), principal: .system("test"), correlation: ids.next(), lane: .p1)
    }

    private func storedNumbers() async throws -> [Int] {
        try await store.log.read(address, after: .none, limit: 10_000).compactMap { $0.form.head["from"]?.integer }
    }

    @Test func `gives each of 1,000 commands at once the state that the one before left`() async throws {
        let replies = try await atOnce(1000) { try await entity.send(.add, envelope()) }
        #expect(replies.map(\.state).sorted() == Array(1...1000))
        #expect(replies.map(\.version.number).sorted() == Array(1...1000))
        let stored = try await storedNumbers()
        #expect(stored == Array(0..<1000))
        #expect(Set(replies.compactMap(\.position?.position)).count == 1000)
    }

    @Test func `decides what waits together and appends it at once`() async throws {
        store.shut()
        async let first = entity.send(.add, envelope())
        while store.waitingCount == 0 { await Task.yield() }
        async let others = atOnce(50) { try await entity.send(.add, envelope()) }
        // Their letters are in the mailbox when the actor has nothing left to run but the append.
        while await entity.waitingCount < 50 { await Task.yield() }
        store.open()
        _ = try await (first, others)
        #expect(store.batchSizes == [1, 50])
    }

    @Test func `answers a command id that comes again as it did, and does nothing`() async throws {
        let command = envelope()
        let first = try await entity.send(.addAt(0), command)
        _ = try await entity.send(.add, envelope())
        let second = try await entity.send(.addAt(0), command)
        #expect(second.isRepeated && second.position == first.position)
        let elsewhere = try await Entity<Counter>(address: address, store: store, ids: ids).send(.add, command)
        #expect(elsewhere.isRepeated && elsewhere.position == first.position)
        let stored = try await storedNumbers()
        #expect(stored == [0, 1])
    }

    @Test(arguments: [EventStoreError.Code.unavailable, .unknownOutcome, .overloaded])
    func `forgets what it knew after a storage error, and serves the next command`(_ code: EventStoreError.Code) async throws {
        _ = try await entity.send(.add, envelope())
        store.fail(code)
        let error = await #expect(throws: EventStoreError.self) { _ = try await entity.send(.add, envelope()) }
        #expect(error?.code == code)
        let reads = store.readCount
        let reply = try await entity.send(.add, envelope())
        #expect(reply.state == 2)
        #expect(store.readCount == reads + 1)
    }

    @Test func `a storage error reaches every command of its batch`() async throws {
        store.shut()
        async let first = isFailing(.add)
        while store.waitingCount == 0 { await Task.yield() }
        async let others = atOnce(10) { try await isFailing(.add) }
        while await entity.waitingCount < 10 { await Task.yield() }
        store.fail(.unavailable, .unavailable)
        store.open()
        let answers = try await [first] + others
        #expect(answers == Array(repeating: true, count: 11))
    }

    private func isFailing(_ command: Counter.Command) async throws -> Bool {
        do { _ = try await entity.send(command, envelope()) } catch is EventStoreError { return true }
        return false
    }

    @Test func `decides again when a second writer came first`() async throws {
        _ = try await entity.send(.add, envelope())
        let second = Entity<Counter>(address: address, store: store, ids: ids)
        let replies = [try await second.send(.add, envelope()), try await entity.send(.add, envelope()), try await second.send(.add, envelope())]
        #expect(replies.map(\.state) == [2, 3, 4])
        let stored = try await storedNumbers()
        #expect(stored == [0, 1, 2, 3])
    }

    @Test func `a refused command spoils nothing beside it`() async throws {
        let outcomes = try await atOnce(20) {
            do { return try await entity.send(.addAt(0), envelope()).state } catch is Counter.Refusal { return 0 }
        }
        #expect(outcomes.sorted() == Array(repeating: 0, count: 19) + [1])
    }

    @Test func `a refusal that cannot be looked up fails alone, and what was committed beside it is answered`() async throws {
        store.shut()
        async let first = entity.send(.add, envelope())
        while store.waitingCount == 0 { await Task.yield() }
        async let refused = isFailing(.refuse)
        while await entity.waitingCount < 1 { await Task.yield() }
        async let added = entity.send(.add, envelope())
        while await entity.waitingCount < 2 { await Task.yield() }
        store.failReceipts(.unavailable)
        store.open()
        let replies = try await [first, added]
        #expect(replies.map(\.state) == [1, 2])
        #expect(try await refused)
    }

    @Test func `what is read after an unknown outcome is not remembered, since the append may still come`() async throws {
        _ = try await entity.send(.add, envelope())
        store.fail(.unknownOutcome)
        #expect(try await isFailing(.add))
        #expect(try await entity.state() == 1)
        _ = try await Entity<Counter>(address: address, store: store, ids: ids).send(.add, envelope())
        #expect(try await entity.send(.addAt(2), envelope()).state == 3)
        let reads = store.readCount
        #expect(try await entity.state() == 3)
        #expect(store.readCount == reads)
    }

    @Test func `a name that is claimed and given back in one batch is free`() async throws {
        store.shut()
        async let first = entity.send(.add, envelope())
        while store.waitingCount == 0 { await Task.yield() }
        async let claim = entity.send(.claim("brief"), envelope())
        while await entity.waitingCount < 1 { await Task.yield() }
        async let release = entity.send(.release("brief"), envelope())
        while await entity.waitingCount < 2 { await Task.yield() }
        store.open()
        _ = try await (first, claim, release)
        #expect(store.batchSizes == [1, 2])
        let other = Entity<Counter>(
            address: StreamAddress(tenant: ids.next(), stream: ids.next(), category: Counter.category), store: store, ids: ids)
        _ = try await other.send(.claim("brief"), envelope())
    }

    @Test func `a name that is taken is refused by name, and its neighbours pass`() async throws {
        let other = Entity<Counter>(
            address: StreamAddress(tenant: ids.next(), stream: ids.next(), category: Counter.category), store: store, ids: ids)
        _ = try await other.send(.claim("wanted"), envelope())
        store.shut()
        async let blocked = entity.send(.add, envelope())
        while store.waitingCount == 0 { await Task.yield() }
        async let refusal = refusal(of: .claim("wanted"))
        async let add = entity.send(.add, envelope())
        while await entity.waitingCount < 2 { await Task.yield() }
        store.open()
        _ = try await (blocked, add)
        let description = try await refusal
        #expect(description == "already in use: counter.name \"wanted\"")
    }

    private func refusal(of command: Counter.Command) async throws -> String? {
        do { _ = try await entity.send(command, envelope()) } catch let taken as NameTaken { return taken.description }
        return nil
    }

    @Test func `a command with nothing to do is answered without an append`() async throws {
        let reply = try await entity.send(.rest, envelope())
        #expect(reply.state == 0 && reply.position == nil)
        #expect(store.batchSizes.isEmpty)
    }

    @Test func `a fresh one reads nothing before its first append`() async throws {
        let fresh = Entity<Counter>(
            address: StreamAddress(tenant: ids.next(), stream: ids.next(), category: Counter.category), isFresh: true, store: store, ids: ids)
        _ = try await fresh.send(.add, envelope())
        #expect(store.readCount == 0)
    }

    @Test func `refuses more commands than its mailbox holds`() async throws {
        store.shut()
        let answers = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<(Limits.mailboxCommands + 200) {
                group.addTask {
                    do {
                        _ = try await entity.send(.add, envelope())
                        return true
                    } catch let error as EventStoreError {
                        #expect(error.code == .overloaded)
                        return false
                    }
                }
            }
            var answers: [Bool] = []
            // The refusals come while the door is shut, all else after it.
            while answers.count < 100, let answer = try await group.next() { answers.append(answer) }
            store.open()
            return try await group.reduce(into: answers) { $0.append($1) }
        }
        #expect(answers.prefix(100).allSatisfy { !$0 })
        #expect(answers.filter { $0 }.count >= Limits.mailboxCommands)
    }
}
