import DeciderSpec
import Domain
import EventSourcing
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
        var random = SeededGenerator(seed: seed)
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

    @Test(arguments: ["now", "version:3", "position:120", "2026-03-01T09:30:00.000000Z"])
    func `reads a moment as it is written`(text: String) throws {
        #expect(try #require(Moment(text)).description == text)
    }

    @Test(arguments: ["", "yesterday", "version:0", "version:-1", "version:x", "position:", "2026-02-30T00:00:00Z"])
    func `takes nothing else for a moment`(text: String) {
        #expect(Moment(text) == nil)
    }
}
