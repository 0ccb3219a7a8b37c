import EventLog
import EventSourcing
import EventStoreConformance
import PostgresDriver
import PostgresTestKit
import Testing
import Vocabulary

/// Ids whose clock is wrong.
private struct ShiftedIDs: IDSource {
    let shift: Duration
    private let right = SystemIDs()

    init(shift: Duration) { self.shift = shift }

    func now() -> Timestamp { right.now() + shift }
    func random128() -> UInt128 { right.random128() }
}

@Suite struct `Nodes that share a log` {
    private let ids = SystemIDs()

    /// A node on the database; its leases last so long that an overloaded machine loses none.
    private func node(_ configuration: EventLogConfiguration, name: NodeID? = nil, clock: Duration = .zero) -> EventLog {
        var configuration = configuration
        var cluster = ClusterConfiguration(node: ids.next(), name: name ?? ids.next())
        cluster.leaseDuration = .seconds(30)
        cluster.heartbeat = .milliseconds(50)
        configuration.cluster = cluster
        return EventLog(configuration: configuration, ids: ShiftedIDs(shift: clock), logger: silentLogger)
    }

    /// Runs nodes beside `body`, which begins when they and those that run already share the slices.
    private func withNodes(_ nodes: [EventLog], beside others: [EventLog] = [], _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for node in nodes {
                try await node.prepare()
                group.addTask { try await node.run() }
            }
            defer { for node in nodes { node.stop() } }
            while !Self.share(nodes + others) { await Task.yield() }
            try await body()
        }
    }

    /// Whether every node has just the slices that it should have among these.
    private static func share(_ nodes: [EventLog]) -> Bool {
        nodes.allSatisfy { node in
            let known = node.leases.nodes
            guard known.count == nodes.count, let name = known.first(where: { $0.id == node.leases.node })?.name else { return false }
            let placement = SlicePlacement(among: known.map { .init(name: $0.name, isReachable: $0.isReachable) })
            return Slice.all.filter { node.leases.term(of: $0) != nil } == placement.slices(of: name)
        }
    }

    @Test(arguments: [Duration.zero, .seconds(3600), .seconds(-3600)])
    func `share its slices, and each appends to its own alone, whatever their clocks say`(shift: Duration) async throws {
        try await withEmptyLog { _, configuration in
            let nodes = [node(configuration), node(configuration, clock: shift), node(configuration)]
            try await withNodes(nodes) {
                for _ in 0..<40 {
                    let fixture = ConformanceFixture(store: nodes[0].store)
                    let stream = fixture.stream()
                    var appended = 0
                    for node in nodes {
                        do throws(EventStoreError) {
                            _ = try await node.store.append(fixture.batch(stream, .any))
                            appended += 1
                            #expect(node.leases.holds(stream.slice))
                        } catch { #expect(error.code == .fenced && !node.leases.holds(stream.slice)) }
                    }
                    #expect(appended == 1)
                }
                #expect(nodes.allSatisfy { $0.leases.nodes.count == 3 })
            }
        }
    }

    @Test func `what a node remembers of streams ends with its term`() async throws {
        try await withEmptyLog { _, configuration in
            let (first, second) = (node(configuration), node(configuration))
            let fixture = ConformanceFixture(store: first.store)
            try await withNodes([first]) {
                let streams = (0..<40).map { _ in fixture.stream() }
                for stream in streams { try await fixture.append(fixture.batch(stream, .any)) }
                var moved: [StreamAddress] = []
                try await withNodes([second], beside: [first]) {
                    moved = streams.filter { second.leases.holds($0.slice) }
                    for stream in moved { _ = try await second.store.append(fixture.batch(stream, .any)) }
                }
                while !Self.share([first]) { await Task.yield() }
                #expect(!moved.isEmpty)
                for stream in moved {
                    #expect(try await first.store.append(fixture.batch(stream, .exactly(StreamVersion(1)))) == .conflict(actual: StreamVersion(2)))
                    try await fixture.append(fixture.batch(stream, .any, count: 3))
                    #expect(try await first.store.append(fixture.batch(stream, .exactly(StreamVersion(5)))).isAppended)
                    #expect(try await first.store.read(stream, after: .none, limit: 10).map(\.version.number) == [1, 2, 3, 4, 5, 6])
                }
            }
        }
    }

    @Test func `a node that leaves gives its slices up at once, and what it had accepted is there`() async throws {
        try await withEmptyLog { _, configuration in
            let (first, second) = (node(configuration), node(configuration))
            let fixture = ConformanceFixture(store: second.store)
            var streams: [StreamAddress] = []
            try await withNodes([first]) {
                try await withNodes([second], beside: [first]) {
                    streams = (0..<20).map { _ in fixture.stream() }.filter { second.leases.holds($0.slice) }
                    for stream in streams { try await fixture.append(fixture.batch(stream, .none)) }
                }
                // The lease would have lasted for half a minute.
                while !Self.share([first]) { await Task.yield() }
                for stream in streams {
                    #expect(try await first.store.append(fixture.batch(stream, .exactly(StreamVersion(1)))).isAppended)
                }
            }
        }
    }

    @Test func `a slice that changes hands under load loses and doubles nothing`() async throws {
        try await withEmptyLog { database, configuration in
            let (first, second) = (node(configuration), node(configuration))
            let fixture = ConformanceFixture(store: first.store)
            let streams = (0..<32).map { _ in fixture.stream() }
            var acknowledged: [StreamAddress: Int] = [:]
            try await withNodes([first]) {
                try await withThrowingTaskGroup(of: (StreamAddress, Int).self) { group in
                    for stream in streams {
                        group.addTask { (stream, try await Self.append(40, to: stream, fixture, through: [first, second])) }
                    }
                    // The newcomer takes its share in the middle of it.
                    try await withNodes([second], beside: [first]) {
                        for try await (stream, count) in group { acknowledged[stream] = count }
                    }
                }
                for stream in streams {
                    let versions = try await first.store.read(stream, after: .none, limit: 100).map(\.version.number)
                    #expect(versions == Array(1...40), "\(acknowledged[stream] ?? 0) acknowledged")
                }
            }
            try await expectSoundLog(database)
        }
    }

    /// Appends one event after another, each by whoever owns the slice; answers how many were acknowledged.
    private static func append(_ count: Int, to stream: StreamAddress, _ fixture: ConformanceFixture, through nodes: [EventLog]) async throws -> Int {
        var version: Int32 = 0
        while version < count {
            let expected: ExpectedVersion = version == 0 ? .none : .exactly(StreamVersion(version))
            let batch = fixture.batch(stream, expected)
            for node in nodes where node.leases.holds(stream.slice) {
                do {
                    guard try await node.store.append(batch).isAppended else { throw NotAppended(version: version) }
                    version += 1
                    break
                } catch let error as EventStoreError where error.code == .fenced {}
            }
            await Task.yield()
        }
        return Int(version)
    }

    /// Positions are dense, and in each slice no older epoch stands behind a newer one.
    private func expectSoundLog(_ database: TestDatabase) async throws {
        let faults = try await administrate(database) { connection in
            try connection.execute(
                """
                select slice::text from (
                  select slice, pos, epoch, lag(epoch, 1, 0::int8) over (partition by slice order by pos) as before,
                         row_number() over (partition by slice order by pos) as rank from events) e
                where pos <> rank or epoch < before
                """
            ).map { try $0.text(0) }
        }
        #expect(faults.isEmpty)
    }

    @Test func `a free slice has one owner, however many race for it, and its epoch grows with each`() async throws {
        try await withEmptyLog { database, configuration in
            try await node(configuration).prepare()
            let rounds = 1000
            let racers: [NodeID] = [ids.next(), ids.next()]
            _ = try await administrate(database) { try $0.execute("select join_cluster($1, $1)", [.uuid(racers[0].bits)]) }
            let wins = try await withThrowingTaskGroup(of: [Int64].self) { group in
                for racer in racers {
                    group.addTask {
                        try await administrate(database) { connection in
                            var epochs: [Int64] = []
                            for _ in 0..<rounds {
                                let won = try connection.execute("select epoch from acquire_slices($1, '{7}', 30)", [.uuid(racer.bits)])
                                epochs += try won.map { try $0.int8(0) }
                                _ = try connection.execute("update slice_lease set owner = null where slice = 7 and owner = $1", [.uuid(racer.bits)])
                            }
                            return epochs
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(wins.allSatisfy { $0 == $0.sorted() })
            let all = wins.flatMap { $0 }
            #expect(Set(all).count == all.count && !all.isEmpty, "two owners had one epoch")
            let head = try await administrate(database) { try $0.execute("select epoch from slice_head where slice = 7").first?.int8(0) }
            #expect(head == all.max())
        }
    }

    @Test func `a node that does not prolong its leases answers nothing from memory, before anybody can take them`() async throws {
        try await withEmptyLog { database, configuration in
            var configuration = configuration
            var cluster = ClusterConfiguration(node: ids.next(), name: ids.next())
            (cluster.leaseDuration, cluster.heartbeat) = (.milliseconds(1500), .seconds(3600))
            configuration.cluster = cluster
            let log = EventLog(configuration: configuration, ids: ids, logger: silentLogger)
            try await log.prepare()
            try await withRunning(log) {
                let slice = Slice.all[0]
                let other: NodeID = ids.next()
                while log.leases.term(of: slice) == nil { await Task.yield() }
                // Whenever another can take the slice, this one has let go of it.
                while true {
                    let taken = try await administrate(database) {
                        try $0.execute("select slice from acquire_slices($1, '{0}', 30)", [.uuid(other.bits)]).count
                    }
                    if taken == 1 { break }
                }
                #expect(log.leases.term(of: slice) == nil)
            }
        }
    }
}

extension AppendOutcome {
    fileprivate var isAppended: Bool { if case .appended = self { true } else { false } }
}

/// An append came to something else than it had to.
private struct NotAppended: Error { let version: Int32 }
