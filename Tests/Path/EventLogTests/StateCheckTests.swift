import Cryptography
import Domain
import EventSourcing
import EventStoreConformance
import FoundationEssentials
import Testing
import Vocabulary

@testable import EventLog

@Suite struct `The check of states` {
    private let ids = SystemIDs()
    private let store: InMemoryEventStore
    private let snapshots = InMemorySnapshotStore()
    private let directory: EntityDirectory<KeyringDecider>
    private let address: StreamAddress

    init() {
        let ids = SystemIDs()
        store = InMemoryEventStore(clock: ids)
        directory = EntityDirectory(store: store, ids: ids, trail: nil, memory: EntityMemory(snapshots: SnapshotWriter(store: snapshots)))
        address = StreamAddress(tenant: ids.next(), stream: ids.next(), category: KeyringDecider.category)
    }

    private func write(_ name: String, at address: StreamAddress? = nil) async throws {
        let envelope = CommandEnvelope(
            commandID: ids.next(), principal: .system("test"), correlation: ids.next(), lane: .p1, isRemembered: false)
        _ = try await directory.send(.write(name: name, secret: ids.next()), to: address ?? self.address, envelope)
    }

    private func check(kinds: [StateKind] = StateKind.all, live: @escaping @Sendable (LiveState) throws -> LiveState = { $0 }) -> StateCheck {
        let directory = directory
        return StateCheck(
            store: store, snapshots: snapshots, kinds: kinds,
            live: { addresses in
                var found: [StreamID: StateCheck.Live] = [:]
                for address in addresses {
                    guard let state = try await directory.live(address).map(live) else { continue }
                    found[address.stream] = StateCheck.Live(version: state.version, digest: SHA256.hash(state.body).bytes)
                }
                return found
            }, liveState: { try await directory.live($0).map(live) })
    }

    private func report(_ check: StateCheck, _ addresses: [StreamAddress]? = nil) async throws -> StateReport {
        var report = StateReport()
        try await check.check(addresses ?? [address], report: &report)
        return report
    }

    /// A snapshot of the stream as it is, with a body that may be another.
    private func saveSnapshot(_ change: (inout KeyringState) -> Void = { _ in }) async throws {
        let events = try await store.read(address, after: .none, limit: 1000)
        var state = try events.reduce(KeyringDecider.initialState) { KeyringDecider.evolve($0, try KeyringEvent.restore($1.form)) }
        change(&state)
        let last = try #require(events.last)
        try await snapshots.save(
            Snapshot(
                version: last.version, position: last.position.position, recordedAt: last.recordedAt, foldVersion: KeyringDecider.foldVersion,
                body: try CBOR.encode(state)), of: address)
    }

    @Test func `finds snapshot, tail and memory equal to the events`() async throws {
        for number in 0..<20 { try await write("N\(number % 7)") }
        try await saveSnapshot()
        for number in 0..<5 { try await write("N\(number)") }
        let report = try await report(check())
        #expect(report.difference == nil)
        #expect([report.entities, report.events, report.snapshots, report.live] == [1, 25, 1, 1])
    }

    @Test func `names the field in which a snapshot differs`() async throws {
        for number in 0..<5 { try await write("N\(number)") }
        try await saveSnapshot { $0.secrets["N3"] = SecretID(bits: 7) }
        try await write("N0")
        let difference = try await report(check()).difference
        #expect(difference == StateDifference(address: address, version: StreamVersion(5), source: .snapshot, field: "/secrets/N3"))
    }

    @Test func `names the field in which the memory differs`() async throws {
        for number in 0..<5 { try await write("N\(number)") }
        let wrong = check { state in
            var keyring = try CBOR.decode(KeyringState.self, from: state.body)
            keyring.secrets["N9"] = SecretID(bits: 7)
            return LiveState(version: state.version, body: try CBOR.encode(keyring))
        }
        let difference = try await report(wrong).difference
        #expect(difference == StateDifference(address: address, version: StreamVersion(5), source: .memory, field: "/secrets/N9"))
    }

    @Test func `finds a memory that is ahead of the log`() async throws {
        try await write("A")
        let ahead = check { LiveState(version: $0.version + 1, body: $0.body) }
        #expect(try await report(ahead).difference?.field == "/version")
    }

    @Test func `finds a state that its snapshot does not hold whole`() async throws {
        let address = StreamAddress(tenant: ids.next(), stream: ids.next(), category: Lossy.category)
        let lossy = EntityDirectory<Lossy>(store: store, ids: ids, trail: nil)
        for _ in 0..<4 {
            let envelope = CommandEnvelope(commandID: ids.next(), principal: .system("test"), correlation: ids.next(), lane: .p1)
            _ = try await lossy.send(1, to: address, envelope)
        }
        let third = try await store.read(address, after: StreamVersion(2), limit: 1)[0]
        let snapshot = Snapshot(
            version: StreamVersion(3), position: third.position.position, recordedAt: third.recordedAt, foldVersion: 1,
            body: try CBOR.encode(Lossy.State(sum: 3)))
        try await snapshots.save(snapshot, of: address)
        let difference = try await report(check(kinds: [StateKind(Lossy.self)]), [address]).difference
        #expect(difference == StateDifference(address: address, version: StreamVersion(4), source: .snapshotAndTail, field: "/sum"))
    }

    @Test func `finds no difference while entities change, are dropped and come back`() async throws {
        let addresses = (0..<10).map { _ in StreamAddress(tenant: ids.next(), stream: ids.next(), category: KeyringDecider.category) }
        for address in addresses { try await write("A", at: address) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for round in 0..<300 {
                    for address in addresses { try await write("N\(round % 11)", at: address) }
                    directory.forget(addresses[round % addresses.count])
                }
            }
            group.addTask {
                let check = check()
                for _ in 0..<30 {
                    let report = try await report(check, addresses)
                    #expect(report.difference == nil)
                    #expect(report.entities == addresses.count)
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `knows every kind that has a sample of its snapshots`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let files = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "schemas/snapshots").path)
        #expect(Set(files) == Set(StateKind.all.map { "\($0.category).fold\($0.foldVersion).hex" }))
    }

    @Test func `goes through every stream of the log once`() async throws {
        try await withEventLog { log, _ in
            let fixture = ConformanceFixture(store: log.store)
            let addresses = (0..<25).map { _ in fixture.stream() }
            for address in addresses { try await fixture.append(fixture.batch(address, .none)) }
            var (list, found) = (StreamList(log.store), [StreamAddress]())
            while true {
                let page = try await list.next(4)
                if page.isEmpty { break }
                found += page
            }
            #expect(found.count == 25 && Set(found) == Set(addresses))
        }
    }
}

/// An entity whose state has a member that is left out when it is encoded.
private enum Lossy: Decider {
    struct State: Codable {
        private enum CodingKeys: String, CodingKey { case sum }

        var sum: Int
        var step = 1
    }

    struct Event: DomainEvent {
        var stored: StoredForm { StoredForm("lossy.added", [:]) }
        static func decode(_ form: StoredForm) throws(StoredFormError) -> Event { Event() }
    }

    struct Refusal: Rejection {
        let kind = RejectionKind.invalid
        let description = "never"
    }

    static let category = Category("lossy")
    static let initialState = State(sum: 0)
    static func decide(_ command: Int, _ state: State, now: Timestamp) throws(Refusal) -> [Event] { [Event()] }

    /// Adds one, and three after the third.
    static func evolve(_ state: State, _ event: Event) -> State { State(sum: state.sum + state.step, step: state.sum == 2 ? 3 : 1) }
    static func action(of command: Int) -> String { "lossy.add" }
    static func subject(of state: State) -> Void? { nil }
    static let fields: [EntityField<Void, Event>] = []
}
