import EventLog
import EventSourcing
import Vocabulary

/// Takes the entities of the log into memory, as after a start: from their events, or from snapshots.
struct ColdLoad: Sendable {
    /// Entities that are asked for at once; they wait for their turns among themselves.
    private static let callers = 16
    /// Events that follow each snapshot.
    private static let tail = 100

    private let log: EventLog
    private let ids: any IDSource

    init(log: EventLog, ids: any IDSource) {
        self.log = log
        self.ids = ids
    }

    /// Loads all notes from their first event, again and again for so long; answers events and seconds.
    func rebuild(for duration: Duration) async throws -> (events: Int, elapsed: Double) {
        let addresses = try await addresses()
        let begun = ContinuousClock.now
        var events = 0
        repeat { events += try await loadAll(addresses, EntityMemory()) } while ContinuousClock.now - begun < duration
        return (events, (ContinuousClock.now - begun) / .seconds(1))
    }

    /// Loads one note after another from its snapshot and what follows; answers seconds each.
    func activate(rounds: Int) async throws -> [Double] {
        let addresses = try await addresses()
        try await makeSnapshots(addresses)
        let clock = ContinuousClock()
        var times: [Double] = []
        for _ in 0..<rounds {
            let directory = directory(EntityMemory(snapshots: SnapshotWriter(store: log.snapshots)))
            for address in addresses {
                let duration = try await clock.measure { _ = try await directory.state(at: address) }
                times.append(duration / .seconds(1))
            }
        }
        return times
    }

    private func addresses() async throws -> [StreamAddress] {
        var (list, addresses) = (StreamList(log.store), [StreamAddress]())
        while true {
            let page = try await list.next(Limits.pageRows)
            if page.isEmpty { return addresses.filter { $0.category == NoteDecider.category } }
            addresses += page
        }
    }

    private func directory(_ memory: EntityMemory) -> EntityDirectory<NoteDecider> {
        EntityDirectory(store: log.store, ids: ids, trail: nil, memory: memory)
    }

    /// Answers how many events the entities have.
    private func loadAll(_ addresses: [StreamAddress], _ memory: EntityMemory) async throws -> Int {
        let directory = directory(memory)
        return try await withThrowingTaskGroup(of: Int.self) { group in
            for caller in 0..<Self.callers {
                group.addTask {
                    var events = 0
                    for place in stride(from: caller, to: addresses.count, by: Self.callers) {
                        // The state of a note is how many there were.
                        events += try await directory.state(at: addresses[place])
                    }
                    return events
                }
            }
            return try await group.reduce(0, +)
        }
    }

    /// A snapshot of each, with a tail behind it.
    private func makeSnapshots(_ addresses: [StreamAddress]) async throws {
        for address in addresses {
            guard let (count, last) = try await end(of: address) else { continue }
            let snapshot = Snapshot(
                version: last.version, position: last.position.position, recordedAt: last.recordedAt, foldVersion: NoteDecider.foldVersion,
                body: try CBOR.encode(count))
            try await log.snapshots.save(snapshot, of: address)
            let envelope = CommandEnvelope(
                commandID: ids.next(), principal: .system("bench"), correlation: ids.next(), lane: .p4, isRemembered: false)
            let events = (0..<Self.tail).map { NewEvent(id: ids.next(), form: NoteEvent(text: "note \($0)").stored, meta: EventMeta(envelope)) }
            _ = try await log.store.append(AppendBatch(address: address, expected: .any, events: events))
        }
    }

    /// How many events a stream has, and its last one; nil for a stream without any.
    private func end(of address: StreamAddress) async throws -> (count: Int, last: RecordedEvent)? {
        var (count, last): (Int, RecordedEvent?) = (0, nil)
        while true {
            let page = try await log.store.read(address, after: last?.version ?? .none, limit: Limits.eventsPerPage)
            (count, last) = (count + page.count, page.last ?? last)
            if page.count < Limits.eventsPerPage { return last.map { (count, $0) } }
        }
    }
}
