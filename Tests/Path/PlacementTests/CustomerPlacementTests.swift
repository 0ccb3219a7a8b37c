import Domain
import EventSourcing
import Placement
import PipelineTestKit
import Synchronization
import Testing
import Vocabulary

/// An installation whose space is at home in the main region, and a region abroad.
private struct TwoRegions: Sendable {
    static let eu = Region("eu") ?? .main

    let ids = TestIDs()
    let regions = Regions(Dictionary(uniqueKeysWithValues: Slice.all.filter { $0.number % 2 == 1 }.map { ($0, eu) }))
    let home: InMemoryEventStore
    let abroad: BreakableLog
    let space: SpaceID
    let placement: CustomerPlacement

    init() throws {
        let (home, abroad) = (InMemoryEventStore(clock: ids), BreakableLog(InMemoryEventStore(clock: ids)))
        let databases: [Region: any RegionalStore.Database] = [.main: home, Self.eu: abroad]
        let store = RegionalStore(regions.map { databases[$0] ?? home })
        let trail = RefusalTrail(store: store, ids: ids)
        (self.home, self.abroad) = (home, abroad)
        space = try #require(regions.id(like: ids.next(), in: .main))
        placement = CustomerPlacement(
            regions: regions, store: store, tenants: EntityDirectory(store: store, ids: ids, trail: trail),
            placements: EntityDirectory(store: store, ids: ids, trail: trail), trail: trail, ids: ids)
    }

    var envelope: CommandEnvelope {
        CommandEnvelope(commandID: ids.next(), principal: Principal(kind: .user, id: "someone"), correlation: ids.next(), lane: .p1)
    }

    @discardableResult
    func create(_ name: String, _ externalID: String?, in region: Region, _ envelope: CommandEnvelope? = nil) async throws -> TenantID {
        let envelope = envelope ?? self.envelope
        return try await placement.create(name, externalID: externalID, of: space, in: region, like: envelope.commandID.recast(), envelope).id
    }

    /// The types of a log's events, in the order of their slices.
    static func events(in log: any EventStore) async throws -> [RecordedEvent] {
        var events: [RecordedEvent] = []
        for slice in try await log.heads().keys.sorted() { events += try await log.read(slice, after: 0, limit: 1000) }
        return events
    }
}

@Suite struct `A customer with a region` {
    private let two: TwoRegions

    init() throws { two = try TwoRegions() }

    @Test func `lives in that region's database, with everything but its external id`() async throws {
        let abroad = try await two.create("Canary Ltd", "42", in: TwoRegions.eu)
        let home = try await two.create("Robin Inc", "43", in: .main)
        #expect(two.regions[abroad] == TwoRegions.eu)
        #expect(two.regions[home] == .main)
        let here = try await TwoRegions.events(in: two.home)
        #expect(Set(here.map(\.form.type)) == ["placement.claimed", "tenant.created"])
        #expect(here.allSatisfy { !$0.form.head.text.contains("Canary") })
        let there = try await TwoRegions.events(in: two.abroad)
        #expect(there.map(\.form.type) == ["tenant.created"])
        #expect(there.first?.form.head["name"] == "Canary Ltd")
    }

    @Test func `needs no claim without an external id`() async throws {
        try await two.create("Canary Ltd", nil, in: TwoRegions.eu)
        #expect(try await two.home.heads().isEmpty)
    }

    @Test(arguments: [Region.main, TwoRegions.eu], [Region.main, TwoRegions.eu])
    func `shares its external id with nobody in any region`(first: Region, second: Region) async throws {
        try await two.create("First", "42", in: first)
        let error = await #expect(throws: (any Error).self) { try await two.create("Second", "42", in: second) }
        #expect(error is NameTaken, "\(String(describing: error))")
        try await two.create("Third", "43", in: second)
    }

    @Test func `is created once by a request that is sent again`() async throws {
        let envelope = two.envelope
        let id = try await two.create("First", "42", in: TwoRegions.eu, envelope)
        #expect(try await two.create("First", "42", in: TwoRegions.eu, envelope) == id)
        #expect(try await TwoRegions.events(in: two.abroad).count == 1)
        #expect(try await TwoRegions.events(in: two.home).count == 1)
    }

    @Test func `is created by the same request after a creation that was cut short`() async throws {
        let envelope = two.envelope
        two.abroad.isBroken = true
        await #expect(throws: EventStoreError.self) { try await two.create("First", "42", in: TwoRegions.eu, envelope) }
        two.abroad.isBroken = false
        try await two.create("First", "42", in: TwoRegions.eu, envelope)
        #expect(try await TwoRegions.events(in: two.abroad).map(\.form.type) == ["tenant.created"])
    }

    @Test(arguments: [Region.main, TwoRegions.eu])
    func `takes the external id over from a creation that was cut short, which then comes to nothing`(region: Region) async throws {
        let lost = two.envelope
        two.abroad.isBroken = true
        await #expect(throws: EventStoreError.self) { try await two.create("Lost", "42", in: TwoRegions.eu, lost) }
        two.abroad.isBroken = false
        await #expect(throws: NameTaken.self, "it may still be on its way") { try await two.create("Second", "42", in: region) }
        two.ids.advance(by: .seconds(61))
        let id = try await two.create("Second", "42", in: region)
        await #expect(throws: (any Error).self) { try await two.create("Lost", "42", in: TwoRegions.eu, lost) }
        let logs = [try await TwoRegions.events(in: two.home), try await TwoRegions.events(in: two.abroad)].joined()
        #expect(logs.filter { $0.form.type == "tenant.created" }.map(\.address.tenant) == [id])
    }

    @Test func `claims nothing when it will be refused`() async throws {
        await #expect(throws: EntityRejection.self) { try await two.create("", "42", in: TwoRegions.eu) }
        #expect(try await two.home.heads().isEmpty)
        try await two.create("Ben", "42", in: .main)
    }

    @Test func `whose external id is taken leaves one refusal, with the space`() async throws {
        try await two.create("First", "42", in: TwoRegions.eu)
        two.ids.advance(by: .seconds(61))
        await #expect(throws: NameTaken.self) { try await two.create("Second", "42", in: TwoRegions.eu) }
        #expect(try await TwoRegions.events(in: two.abroad).map(\.form.type) == ["tenant.created"])
        let refusals = try await TwoRegions.events(in: two.home).filter { $0.form.type == "refusal.rejected" }
        #expect(refusals.map { $0.form.head["action"] } == ["tenant.create"])
        #expect(refusals.map(\.address.tenant) == [two.space])
    }

    @Test func `is one of many who want its external id at once`() async throws {
        let created: [TenantID] = await withTaskGroup(of: TenantID?.self) { group in
            for place in 0..<20 {
                // Who was not first meets the name, the claim, or the end of his own creation.
                group.addTask { [two] in try? await two.create("\(place)", "42", in: place % 2 == 0 ? TwoRegions.eu : .main) }
            }
            return await group.reduce(into: []) { if let id = $1 { $0.append(id) } }
        }
        let logs = [try await TwoRegions.events(in: two.home), try await TwoRegions.events(in: two.abroad)].joined()
        #expect(created.count == 1)
        #expect(logs.filter { $0.form.type == "tenant.created" }.map(\.address.tenant) == created)
    }
}

/// A log whose database goes away and comes back.
private final class BreakableLog: ForwardingStore, WorkQueue, StateReader {
    private let log: InMemoryEventStore
    private let broken = Mutex(false)

    init(_ log: InMemoryEventStore) { self.log = log }

    var base: any EventStore { log }

    var isBroken: Bool {
        get { broken.withLock(\.self) }
        set { broken.withLock { $0 = newValue } }
    }

    func append(_ batch: AppendBatch) async throws(EventStoreError) -> AppendOutcome {
        guard !isBroken else { throw EventStoreError(.unavailable) }
        return try await log.append(batch)
    }

    func readyJobs(limitPerLane: Int) async throws(EventStoreError) -> [Job] { try await log.readyJobs(limitPerLane: limitPerLane) }

    func job(of stream: StreamID, in slice: Slice) async throws(EventStoreError) -> Job? { try await log.job(of: stream, in: slice) }

    func stateValue(scope: StateScopeID, key: String, tenant: TenantID) async throws(EventStoreError) -> [UInt8]? {
        try await log.stateValue(scope: scope, key: key, tenant: tenant)
    }
}
