import Domain
@testable import EventSourcing
import EventStoreConformance
import Testing
import Vocabulary

@Suite struct `Time travel` {
    @Test(arguments: RandomEvents.all)
    func `agrees with the fold of the prefix, at every version, time and position`(events: RandomEvents) async throws {
        let seed = UInt64.random(in: .min ... .max)
        let history = try await RandomHistory(events, seed: seed, count: 40)
        for (index, event) in history.events.enumerated() {
            let setters = history.setters(at: index)
            for moment in [Moment.version(event.version), .time(event.recordedAt), .position(event.position.position)] {
                let past = try await history.found(moment)
                let comment: Comment = "seed \(seed), \(events), \(moment)"
                #expect(past.last.version == event.version && past.first.version == StreamVersion(1), comment)
                #expect(past.document?.values == history.documents[index]?.values, comment)
                let found = Dictionary((past.document?.attributions ?? []).map { ($0.pointer, $0.setBy.version) }, uniquingKeysWith: { $1 })
                #expect(found == setters, comment)
            }
        }
        #expect(try await history.found(.now).last.version == history.events.last?.version)
    }

    @Test(arguments: RandomEvents.all) func `tells between two moments what makes one document of the other`(events: RandomEvents) async throws {
        let seed = UInt64.random(in: .min ... .max)
        let history = try await RandomHistory(events, seed: seed, count: 25)
        var random = SplitMix64(seed: seed)
        for _ in 0..<40 {
            let ends = [Int.random(in: 0..<25, using: &random), Int.random(in: 0..<25, using: &random)].sorted()
            let comment: Comment = "seed \(seed), \(events), \(ends)"
            let (first, last) = (history.events[ends[0]].version, history.events[ends[1]].version)
            let diff = try await history.diff(from: .version(first), to: .version(last))
            var document = JSONValue.object(history.documents[ends[0]]?.json ?? [:])
            for change in diff.changes {
                document.set(change.after, at: change.pointer)
                #expect(change.before != change.after && change.setBy.version > first && change.setBy.version <= last, comment)
            }
            #expect(document == .object(history.documents[ends[1]]?.json ?? [:]), comment)
        }
    }

    @Test func `finds nothing before the first event, and says when that was`() async throws {
        let history = try await RandomHistory(.workflow, seed: 1, count: 3)
        let first = history.events[0]
        let before = first.recordedAt + .microseconds(-1)
        guard case .notYet(let event) = try await history.travel.asOf(EntityKinds.workflow, at: history.address, .time(before)) else {
            throw NothingFound()
        }
        #expect(event.id == first.id)
        #expect(try await history.found(.time(first.recordedAt)).last.id == first.id)
        #expect(try await history.found(.time(first.recordedAt + .seconds(1_000_000))).last.version == StreamVersion(3))
    }

    @Test func `finds nothing under the id of another tenant's entity or of another kind`() async throws {
        let history = try await RandomHistory(.workflow, seed: 1, count: 3)
        let strangers = StreamAddress(tenant: TenantID(bits: 1), stream: history.address.stream, category: history.address.category)
        for (kind, address) in [(EntityKinds.workflow, strangers), (EntityKinds.trigger, history.address.of(EntityKinds.trigger))] {
            let (entity, events) = (
                try await history.travel.asOf(kind, at: address, .now), try await history.travel.history(kind, at: address, limit: 10)
            )
            guard case (.unknown, .unknown) = (entity, events) else { throw SomethingFound() }
        }
    }

    @Test func `lists events with the fields that each changed, page by page`() async throws {
        let history = try await RandomHistory(.keyring, seed: 7, count: 12)
        var listed: [HistoryEntry] = []
        while true {
            let last = listed.last?.event.version ?? .none
            let past = try await history.travel.history(EntityKinds.keyring, at: history.address, after: last, limit: 5)
            guard case .found(let page) = past, !page.isEmpty else { break }
            #expect(page.count <= 5)
            listed += page
        }
        #expect(listed.map(\.event.id) == history.events.map(\.id))
        for (index, entry) in listed.enumerated() {
            let before = index > 0 ? history.setters(at: index - 1) : [:]
            let after = history.setters(at: index)
            for pointer in entry.changes where after[pointer] != nil {
                #expect(after[pointer] == entry.event.version && before[pointer] != after[pointer])
            }
        }
    }

    @Test func `refuses moments that are the wrong way round`() async throws {
        let history = try await RandomHistory(.workflow, seed: 1, count: 5)
        await #expect(throws: ReversedMoments.self) { try await history.diff(from: .version(StreamVersion(4)), to: .version(StreamVersion(2))) }
        #expect(try await history.diff(from: .version(StreamVersion(4)), to: .version(StreamVersion(4))).changes.isEmpty)
    }

    @Test func `goes through a stream of many pages`() async throws {
        let history = try await RandomHistory(.keyring, seed: 3, count: Limits.eventsPerPage + 2, isDocumented: false)
        let last = StreamVersion(Int32(Limits.eventsPerPage) + 2)
        #expect(try await history.found(.now).last.version == last)
        #expect(try await history.found(.version(last)).last.version == last)
        #expect(try await history.found(.version(StreamVersion(Int32(Limits.eventsPerPage)))).last.version.number == Int32(Limits.eventsPerPage))
    }

    @Test(arguments: [RandomEvents.keyring, .execution])
    func `says the same of a long history whether it remembers it or not`(events: RandomEvents) async throws {
        let seed = UInt64.random(in: .min ... .max)
        let history = try await RandomHistory(events, seed: seed, count: 3 * Limits.eventsPerWaypoint + 20, isDocumented: false)
        var random = SplitMix64(seed: seed)
        for _ in 0..<25 {
            let event = history.events[Int.random(in: 0..<history.events.count, using: &random)]
            let moments = [Moment.version(event.version), .time(event.recordedAt), .position(event.position.position)]
            let moment = moments[Int.random(in: 0..<3, using: &random)]
            let remembered = try await history.found(moment)
            guard case .found(let fresh) = try await TimeTravel(store: history.store).asOf(history.kind, at: history.address, moment) else {
                throw NothingFound()
            }
            let comment: Comment = "seed \(seed), \(events), \(moment)"
            #expect(remembered.document?.values == fresh.document?.values, comment)
            #expect(remembered.document?.attributions.map(\.setBy.id) == fresh.document?.attributions.map(\.setBy.id), comment)
            #expect(remembered.last.id == event.id && remembered.first.id == history.events[0].id, comment)
        }
    }

    @Test func `reads a long history once, and then what lies behind the version that it remembers`() async throws {
        let count = 2 * Limits.eventsPerWaypoint + 20
        let history = try await RandomHistory(.keyring, seed: 5, count: count, isDocumented: false)
        _ = history.store.takeCount()
        _ = try await history.found(.now)
        #expect(history.store.takeCount() == count)
        _ = try await history.found(.now)
        #expect(history.store.takeCount() == 20)
        _ = try await history.found(.version(StreamVersion(Int32(Limits.eventsPerWaypoint) + 7)))
        #expect(history.store.takeCount() == 8)
    }

    @Test func `remembers no more than its bound, and forgets what was not asked for longest`() throws {
        let memory = RememberedPast()
        let tenant = TenantID(bits: 1)
        let stamp = EventStamp.any
        func address(_ number: Int) -> StreamAddress {
            StreamAddress(tenant: tenant, stream: StreamID(bits: UInt128(number)), category: EntityKinds.tenant.category)
        }
        for number in 0...Limits.rememberedWaypoints {
            memory.keep(.init(fold: EntityKinds.tenant.begin(), first: stamp, last: stamp), of: address(number))
            _ = memory.newest(at: address(0), before: .now)
        }
        #expect(memory.count == Limits.rememberedWaypoints)
        #expect(memory.newest(at: address(0), before: .now) != nil)
        #expect(memory.newest(at: address(1), before: .now) == nil)
    }

    @Test(arguments: ["now", "version:3", "position:120", "2026-03-01T09:30:00.000000Z"])
    func `reads a moment as it is written`(text: String) throws {
        #expect(try #require(Moment(text)).description == text)
    }

    @Test(arguments: ["", "yesterday", "version:0", "version:-1", "version:x", "position:", "2026-02-30T00:00:00Z"])
    func `takes nothing else for a moment`(text: String) {
        #expect(Moment(text) == nil)
    }
}

extension EventStamp {
    fileprivate static let any = EventStamp(
        id: EventID(bits: 1), type: "tenant.created", version: StreamVersion(1),
        position: LogPosition(slice: Slice(of: TenantID(bits: 1)), position: 1), recordedAt: .epoch,
        principal: .system("test"), correlation: CorrelationID(bits: 1), causation: nil, command: CommandID(bits: 1))
}
