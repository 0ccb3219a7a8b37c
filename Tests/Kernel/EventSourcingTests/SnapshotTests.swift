import Domain
import EventSourcing
import EventStoreConformance
import SnapshotStoreConformance
import Synchronization
import Testing
import Vocabulary

@Suite struct `Snapshots in memory` {
    @Test(arguments: SnapshotStoreConformance.checks) func `keep the promises of snapshots`(_ check: SnapshotCheck) async throws {
        try await check.run(on: InMemorySnapshotStore())
    }
}

@Suite struct `An entity with snapshots` {
    private let ids = SystemIDs()
    private let store: FaultyStore
    private let snapshots = ObservedSnapshots()
    private let writer: SnapshotWriter
    private let address: StreamAddress

    init() {
        let ids = SystemIDs()
        store = FaultyStore(ids)
        writer = SnapshotWriter(store: snapshots)
        address = StreamAddress(tenant: ids.next(), stream: ids.next(), category: KeyringDecider.category)
    }

    private func entity(_ snapshots: (any SnapshotStore)? = nil) -> Entity<KeyringDecider> {
        let writer = snapshots.map { SnapshotWriter(store: $0) } ?? writer
        return Entity(address: address, store: store, ids: ids, memory: EntityMemory(snapshots: writer))
    }

    /// Runs `body` while snapshots are stored.
    private func storing(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await writer.run() }
            defer { group.cancelAll() }
            try await body()
        }
    }

    private func envelope() -> CommandEnvelope {
        CommandEnvelope(commandID: ids.next(), principal: .system("test"), correlation: ids.next(), lane: .p1, isRemembered: false)
    }

    /// Appends events whose names come again, so that later ones replace and remove what earlier ones wrote.
    private func append(_ count: Int, _ random: inout SplitMix64) async throws {
        let entity = entity()
        for _ in 0..<count {
            let name = "N\(random.next() % 20)"
            let isThere = try await entity.state().secrets[name] != nil
            let command = isThere && random.next() % 3 == 0
                ? KeyringCommand.delete(name: name) : .write(name: name, secret: SecretID(bits: random.next128()))
            _ = try await entity.send(command, envelope())
        }
    }

    /// The states after each version, folded from the first event.
    private func replay() async throws -> [(state: KeyringState, event: RecordedEvent)] {
        var state = KeyringDecider.initialState
        return try await store.log.read(address, after: .none, limit: 10_000).map { event in
            state = KeyringDecider.evolve(state, try KeyringEvent.restore(event.form))
            return (state, event)
        }
    }

    private func snapshot(of place: (state: KeyringState, event: RecordedEvent)) throws -> Snapshot {
        Snapshot(
            version: place.event.version, position: place.event.position.position, recordedAt: place.event.recordedAt,
            foldVersion: KeyringDecider.foldVersion, body: try CBOR.encode(place.state))
    }

    @Test func `comes to the same state from any snapshot and what follows as from all events`() async throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        try await append(300, &random)
        let states = try await replay()
        let whole = try #require(states.last?.state)
        for place in states {
            let snapshots = InMemorySnapshotStore()
            try await snapshots.save(try snapshot(of: place), of: address)
            #expect(try await entity(snapshots).state() == whole, "seed \(seed), version \(place.event.version)")
        }
    }

    @Test func `reads from its snapshot on, and decides on what it finds`() async throws {
        var random = SplitMix64(seed: 1)
        try await append(50, &random)
        let states = try await replay()
        try await snapshots.save(try snapshot(of: states[39]), of: address)
        let reads = store.eventsRead
        let reply = try await entity().send(.write(name: "NEW", secret: SecretID(bits: 1)), envelope())
        #expect(reply.version.number == 51 && reply.state.secrets["NEW"] == SecretID(bits: 1))
        // The snapshot's own event and the ten behind it.
        #expect(store.eventsRead == reads + 11)
    }

    @Test(arguments: ["another fold", "damaged", "another kind's", "beyond the log", "of another past"])
    func `does without a snapshot that does not fit`(_ fault: String) async throws {
        var random = SplitMix64(seed: 2)
        try await append(50, &random)
        let states = try await replay()
        let good = try snapshot(of: states[39])
        let wrong = try CBOR.encode(KeyringDecider.initialState)
        let bad = switch fault {
        case "another fold":
            Snapshot(version: good.version, position: good.position, recordedAt: good.recordedAt, foldVersion: 2, body: wrong)
        case "damaged":
            Snapshot(version: good.version, position: good.position, recordedAt: good.recordedAt, foldVersion: 1, body: Array(good.body.dropLast()))
        case "another kind's":
            Snapshot(version: good.version, position: good.position, recordedAt: good.recordedAt, foldVersion: 1, body: try CBOR.encode(7))
        case "beyond the log":
            Snapshot(version: StreamVersion(51), position: good.position + 11, recordedAt: good.recordedAt, foldVersion: 1, body: wrong)
        default: Snapshot(version: good.version, position: good.position + 1, recordedAt: good.recordedAt, foldVersion: 1, body: wrong)
        }
        try await snapshots.save(bad, of: address)
        #expect(try await entity().state() == states[49].state)
        let reply = try await entity().send(.write(name: "NEW", secret: SecretID(bits: 1)), envelope())
        #expect(reply.version.number == 51)
    }

    @Test func `asks for a snapshot every 200 events, of the state as it was then`() async throws {
        var random = SplitMix64(seed: 3)
        try await storing {
            try await append(Limits.eventsPerSnapshot * 2 + 10, &random)
            await snapshots.waitForSaves(2)
        }
        let states = try await replay()
        let saved = snapshots.saved.sorted { $0.version < $1.version }
        #expect(saved.map(\.version.number) == [Int32(Limits.eventsPerSnapshot), Int32(2 * Limits.eventsPerSnapshot)])
        for snapshot in saved {
            let place = states[Int(snapshot.version.number) - 1]
            #expect(try CBOR.decode(KeyringState.self, from: snapshot.body) == place.state)
            #expect(snapshot.position == place.event.position.position && snapshot.recordedAt == place.event.recordedAt)
        }
    }

    @Test func `asks for a snapshot after a slow load, but not of a few events`() async throws {
        let lengths = [Limits.slowLoadEvents - 1, Limits.slowLoadEvents]
        try await storing {
            for length in lengths {
                let address = StreamAddress(tenant: ids.next(), stream: ids.next(), category: KeyringDecider.category)
                let entity = Entity<KeyringDecider>(address: address, store: store, ids: ids)
                for number in 0..<length { _ = try await entity.send(.write(name: "N\(number)", secret: ids.next()), envelope()) }
                let slow = Entity<KeyringDecider>(address: address, store: store, ids: SlowIDs(), memory: EntityMemory(snapshots: writer))
                _ = try await slow.state()
            }
            await snapshots.waitForSaves(1)
        }
        // They are stored in the order in which they were asked for.
        #expect(snapshots.saved.map(\.version.number) == [Int32(Limits.slowLoadEvents)])
    }

    @Test func `works as ever when snapshots can be neither stored nor read`() async throws {
        snapshots.isBroken = true
        var random = SplitMix64(seed: 4)
        try await storing {
            try await append(Limits.eventsPerSnapshot + 10, &random)
            await snapshots.waitForFailures(1)
        }
        let states = try await replay()
        #expect(try await entity().state() == states.last?.state)
    }
}

/// A clock that goes on by a second whenever it is looked at.
private final class SlowIDs: IDSource {
    private let time = Mutex(Timestamp.epoch)

    func now() -> Timestamp {
        time.withLock { time in
            time = time + .seconds(1)
            return time
        }
    }

    func random128() -> UInt128 { .random(in: .min ... .max) }
}

/// Snapshots in memory that can be counted, or broken.
private final class ObservedSnapshots: SnapshotStore {
    private struct State {
        var saved: [Snapshot] = []
        var failures = 0
        var isBroken = false
    }

    private let kept = InMemorySnapshotStore()
    private let state = Mutex(State())

    var saved: [Snapshot] { state.withLock { $0.saved } }
    var isBroken: Bool {
        get { state.withLock { $0.isBroken } }
        set { state.withLock { $0.isBroken = newValue } }
    }

    func waitForSaves(_ count: Int) async { while saved.count < count { await Task.yield() } }
    func waitForFailures(_ count: Int) async { while state.withLock({ $0.failures }) < count { await Task.yield() } }

    func latest(
        of address: StreamAddress, foldVersion: Int32, upTo version: StreamVersion?, withProvenance: Bool
    ) async throws(EventStoreError) -> Snapshot? {
        if isBroken { throw EventStoreError(.unavailable) }
        return try await kept.latest(of: address, foldVersion: foldVersion, upTo: version, withProvenance: withProvenance)
    }

    func save(_ snapshot: Snapshot, of address: StreamAddress) async throws(EventStoreError) {
        if isBroken {
            state.withLock { $0.failures += 1 }
            throw EventStoreError(.unavailable)
        }
        try await kept.save(snapshot, of: address)
        state.withLock { $0.saved.append(snapshot) }
    }
}
