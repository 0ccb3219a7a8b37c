import Domain
import EventLog
import EventSourcing
import EventStoreConformance
import PostgresDriver
import ProcessTestKit
import ReplicaTestKit
import Synchronization
import Testing
import Vocabulary

@Suite(.timeLimit(.minutes(5))) struct `A standby that takes over` {
    private static let appendsPerSide = 300

    @Test func `has every acknowledged event once, and appends go on in the same process`() async throws {
        try await withPair(.synchronous) { pair, configuration in
            let log = EventLog(configuration: configuration, ids: SystemIDs(), logger: silentLogger)
            try await log.prepare()
            let receipts = try await withRunning(log) {
                let (count, isOver) = (Counted(), Gate())
                return try await withThrowingTaskGroup(of: [EventID: AppendReceipt].self) { group in
                    for _ in 0..<8 {
                        group.addTask { try await appendMany(log, until: isOver) { count.add() } }
                    }
                    group.addTask {
                        defer { isOver.open() }
                        while count.value < Self.appendsPerSide { await Task.yield() }
                        try await pair.kill(.first)
                        try await pair.promote()
                        let soFar = count.value
                        while count.value < soFar + Self.appendsPerSide { await Task.yield() }
                        return [:]
                    }
                    return try await group.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: { first, _ in first }) }
                }
            }
            #expect(receipts.count >= 2 * Self.appendsPerSide)
            try await expectStoredOnce(receipts, pair.configuration(of: .second))
        }
    }

    @Test func `that lacks acknowledged events ends the log, and a later start, until the loss is accepted`() async throws {
        try await withPair(.asynchronous) { pair, configuration in
            let log = EventLog(configuration: configuration, ids: SystemIDs(), logger: silentLogger)
            let address = StreamAddress(tenant: SystemIDs().next(), stream: SystemIDs().next(), category: KeyringDecider.category)
            try await log.prepare()
            let ending = await #expect(throws: EventStoreError.self) {
                try await withRunning(log) {
                    try await write("FIRST", to: address, of: log)
                    try await pair.cutStream()
                    try await write("SECOND", to: address, of: log)
                    try await pair.kill(.first)
                    try await pair.promote()
                    // The writer looks at the new server before it appends.
                    while true { try await write("THIRD", to: address, of: log) }
                }
            }
            guard case .lost(let what)? = ending?.code else {
                Issue.record("\(String(describing: ending))")
                return
            }
            #expect(what == "the database lacks acknowledged events: slice \(address.slice) ends at position 1, after 2 had been acknowledged")
            // What was acknowledged is kept outside, signed, with the service's last breath.
            #expect(try await verify(pair, configuration).fault?.kind == .truncated)

            let second = EventLog(configuration: configuration, ids: SystemIDs(), logger: silentLogger)
            let refusal = await #expect(throws: LostEvents.self) { try await second.prepare() }
            #expect(refusal?.gaps.map(\.slice) == [address.slice] && refusal?.gaps.map(\.acknowledged) == [2] && refusal?.gaps.map(\.kept) == [1])

            var accepting = configuration
            accepting.acceptsLoss = true
            let third = EventLog(configuration: accepting, ids: SystemIDs(), logger: silentLogger)
            try await third.prepare()
            try await withRunning(third) {
                // Decided on what is there: the name is new again.
                let reply = try await write("SECOND", to: address, of: third)
                #expect(reply.version == StreamVersion(2) && reply.state.secrets.keys.sorted() == ["FIRST", "SECOND"])
            }
            let verification = try await verify(pair, configuration)
            #expect(verification.fault == nil && verification.losses.map(\.kept) == [1] && !verification.isCopy)
            // Accepted once: nobody has to say it again.
            try await EventLog(configuration: configuration, ids: SystemIDs(), logger: silentLogger).prepare()
        }
    }

    @Test func `is not left for its former primary when that comes back`() async throws {
        try await withPair(.asynchronous) { pair, configuration in
            var configuration = configuration
            configuration.patience = .milliseconds(500)
            let log = EventLog(configuration: configuration, ids: SystemIDs(), logger: silentLogger)
            try await log.prepare()
            try await withRunning(log) {
                let fixture = ConformanceFixture(store: log.store)
                let stream = fixture.stream()
                try await fixture.append(fixture.batch(stream, .none))
                try await pair.cutStream()
                try await pair.kill(.first)
                try await pair.promote()
                try await append(fixture.batch(stream, .any), log)
                try await pair.kill(.second)
                try await pair.start(.first)
                let error = await #expect(throws: EventStoreError.self) { _ = try await log.store.append(fixture.batch(stream, .any)) }
                #expect([.unavailable, .unknownOutcome].contains(error?.code))
                #expect(try await pair.rows("select count(*)::text from events", on: .first) == ["1"])
                try await pair.kill(.first)
                try await pair.start(.second)
                try await append(fixture.batch(stream, .any), log)
                #expect(try await pair.rows("select count(*)::text from events", on: .second) == ["3"])
            }
        }
    }

    /// A chain of appends to one stream, each sent again until it is acknowledged.
    private func appendMany(
        _ log: EventLog, until isOver: Gate, appended: @Sendable () -> Void
    ) async throws -> [EventID: AppendReceipt] {
        defer { isOver.open() }
        let fixture = ConformanceFixture(store: log.store)
        let stream = fixture.stream()
        var receipts: [EventID: AppendReceipt] = [:]
        while !isOver.hasOpened {
            let batch = fixture.batch(stream, receipts.isEmpty ? .none : .exactly(StreamVersion(Int32(receipts.count))))
            receipts[batch.events[0].id] = try await append(batch, log)
            appended()
        }
        return receipts
    }

    /// Sends a batch until the log says that it is stored.
    @discardableResult
    private func append(_ batch: AppendBatch, _ log: EventLog) async throws -> AppendReceipt {
        while true {
            do {
                switch try await log.store.append(batch) {
                case .appended(let receipt), .already(let receipt): return receipt
                case let other: throw NotAppended(outcome: other)
                }
            } catch let error as EventStoreError {
                guard [.unavailable, .unknownOutcome].contains(error.code) else { throw error }
            }
        }
    }

    private func entity(_ address: StreamAddress, _ log: EventLog) -> Entity<KeyringDecider> {
        Entity(address: address, store: log.store, ids: SystemIDs())
    }

    /// Gives a command until it is answered; throws what the log ended with.
    @discardableResult
    private func write(_ name: String, to address: StreamAddress, of log: EventLog) async throws -> EntityReply<KeyringState> {
        let ids = SystemIDs()
        let envelope = CommandEnvelope(commandID: ids.next(), principal: .system("test"), correlation: ids.next(), lane: .p1, isRemembered: true)
        while true {
            do {
                return try await entity(address, log).send(.write(name: name, secret: ids.next()), envelope)
            } catch let error as EventStoreError {
                guard [.unavailable, .unknownOutcome].contains(error.code) else { throw error }
            }
        }
    }

    private func verify(_ pair: PostgresPair, _ configuration: EventLogConfiguration) async throws -> LogVerification {
        let checkpoints = try #require(configuration.checkpoints)
        return try await LogVerifier(
            connectionString: pair.connectionString, checkpoints: checkpoints.folder,
            publicKey: try PublicKeyFile(path: checkpoints.publicKeyFile).read()
        ).run()
    }
}

private final class Counted: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .relaxed) }

    func add() { count.add(1, ordering: .relaxed) }
}

private struct NotAppended: Error {
    let outcome: AppendOutcome
}

/// Runs `body` with two servers and the configuration of a log on them, with checkpoints.
private func withPair(
    _ replication: PostgresPair.Replication, _ body: (PostgresPair, EventLogConfiguration) async throws -> Void
) async throws {
    let pair = try await PostgresPair.start(replication)
    let folder = try ScratchFolder()
    var configuration = EventLogConfiguration(connectionString: pair.connectionString, keyFile: folder.path("key"))
    configuration.connectionLimit = 4
    configuration.readerConnectionLimit = 2
    configuration.checkpoints = CheckpointSettings(
        folder: folder.path("checkpoints"), keyFile: folder.path("checkpoint.key"), publicKeyFile: folder.path("checkpoint.pub"))
    try await body(pair, configuration)
}
