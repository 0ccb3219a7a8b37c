import EventSourcing
import EventStoreConformance
import Testing
import Vocabulary

@Suite struct `A region` {
    @Test(arguments: ["eu", "eu-west-1", "a", String(repeating: "x", count: 32)]) func `has a name`(name: String) {
        #expect(Region(name)?.name == name)
    }

    @Test(arguments: ["", "EU", "1eu", "-eu", "eu_west", "eü", "e u", String(repeating: "x", count: 33)]) func `is not called`(name: String) {
        #expect(Region(name) == nil)
    }
}

@Suite struct `The regions of an installation` {
    private static let eu = Region("eu") ?? .main
    private static let apac = Region("apac") ?? .main
    private let regions = Regions(
        Dictionary(uniqueKeysWithValues: Slice.all.filter { $0.number > 99 }.map { ($0, $0.number == 255 ? Self.apac : Self.eu) }))

    @Test func `have each slice once`() {
        #expect(regions.all == [.main, Self.apac, Self.eu])
        #expect(regions.slices(of: .main).map(\.number) == Array(0...99))
        #expect(regions.slices(of: Self.apac).map(\.number) == [255])
        #expect(regions.slices(of: Self.eu).count == 155)
        #expect(Regions([:]).slices(of: .main) == Slice.all)
    }

    @Test func `are each given ids that live there, the same for the same origin`() throws {
        let ids = SystemIDs()
        for region in regions.all {
            for _ in 0..<50 {
                let origin: TenantID = ids.next()
                let id = try #require(regions.id(like: origin, in: region))
                #expect(regions[id] == region)
                #expect(regions.id(like: origin, in: region) == id)
                #expect(id.milliseconds == origin.milliseconds)
                if regions[origin] == region { #expect(id == origin) }
            }
        }
        let us = try #require(Region("us"))
        #expect(regions.id(like: ids.next(), in: us) == nil)
        #expect(Set((0..<1000).compactMap { _ in regions.id(like: ids.next(), in: Self.apac) }).count == 1000)
    }
}

/// Two logs in memory, each with half of the slices.
private struct TwoLogs {
    let regions = Regions(Dictionary(uniqueKeysWithValues: Slice.all.filter { $0.number % 2 == 1 }.map { ($0, Region("eu") ?? .main) }))
    let logs = [InMemoryEventStore(clock: SystemIDs()), InMemoryEventStore(clock: SystemIDs())]
    var parts: BySlice<InMemoryEventStore> { regions.map { logs[$0 == .main ? 0 : 1] } }
    var store: RegionalStore { RegionalStore(parts.map { $0 }) }
}

@Suite struct `Logs in two databases` {
    private let two = TwoLogs()

    @Test(arguments: EventStoreConformance.checks) func `keep the promises of a log`(_ check: ConformanceCheck) async throws {
        let two = TwoLogs()
        try await check.run(on: two.store, keys: RegionalKeys(two.parts.map { $0 }), regions: two.regions)
    }

    @Test func `hold each tenant's events in the database of its region alone`() async throws {
        let fixture = ConformanceFixture(store: two.store)
        for _ in 0..<50 { try await fixture.append(fixture.batch(fixture.stream(), .none)) }
        let heads = [try await two.logs[0].heads(), try await two.logs[1].heads()]
        #expect(Set(heads[0].keys.map { two.regions[$0] }) == [.main])
        #expect(Set(heads[1].keys.map { two.regions[$0] }) == Set([Region("eu")].compactMap(\.self)))
        #expect(try await two.store.heads() == heads[0].merging(heads[1]) { $1 })
    }

    @Test func `refuse a name that is unique among tenants of the other one`() async throws {
        let fixture = ConformanceFixture(store: two.store)
        let scope = try #require(two.regions.id(like: fixture.ids.next(), in: .main))
        let eu = try #require(Region("eu"))
        let abroad = try #require(two.regions.id(like: fixture.ids.next(), in: eu))
        var batch = fixture.batch(fixture.stream(of: abroad), .none)
        batch.reservations = [Reservation(scope: scope, kind: "sample.name", key: "a")]
        let error = await #expect(throws: EventStoreError.self) { _ = try await two.store.append(batch) }
        #expect(error?.code == .invalid("a name that is unique among tenants of another region"))
        #expect(try await two.store.heads().isEmpty)
    }

    @Test func `do one database's work while the other one is away`() async throws {
        let fixture = ConformanceFixture(store: two.store)
        let home = try #require(two.regions.id(like: fixture.ids.next(), in: .main))
        var batch = fixture.batch(fixture.stream(of: home), .none)
        batch.work = .asks(.run, .p1, due: nil)
        try await fixture.append(batch)
        let databases: [Region: any RegionalStore.Database] = [.main: two.logs[0]]
        let lame = RegionalStore(two.regions.map { databases[$0] ?? AbsentLog() })
        #expect(try await lame.readyJobs(limitPerLane: 10).map(\.tenant) == [home])
        await #expect(throws: EventStoreError.self) { _ = try await lame.heads() }
        let away = RegionalStore(two.regions.map { _ in AbsentLog() })
        await #expect(throws: EventStoreError.self) { _ = try await away.readyJobs(limitPerLane: 10) }
    }
}

/// A log whose database does not answer.
private struct AbsentLog: ForwardingStore, WorkQueue, StateReader {
    let base: any EventStore = InMemoryEventStore(clock: SystemIDs())

    func append(_: AppendBatch) async throws(EventStoreError) -> AppendOutcome { throw EventStoreError(.unavailable) }
    func heads() async throws(EventStoreError) -> [Slice: Int64] { throw EventStoreError(.unavailable) }
    func readyJobs(limitPerLane _: Int) async throws(EventStoreError) -> [Job] { throw EventStoreError(.unavailable) }
    func job(of _: StreamID, in _: Slice) async throws(EventStoreError) -> Job? { throw EventStoreError(.unavailable) }
    func stateValue(scope _: StateScopeID, key _: String, tenant _: TenantID) async throws(EventStoreError) -> [UInt8]? {
        throw EventStoreError(.unavailable)
    }
}
