import EventLog
import EventSourcing
import Vocabulary

/// Entities of one slice each, and callers who give them one command after another: through actor, decider and appender.
struct AppendLoad: Sendable {
    /// How long callers run before anything is counted: streams are begun and plans are made.
    private static let warmUp = Duration.milliseconds(200)
    /// Makes a stored body of about 500 bytes.
    private static let text = String(repeating: "An event of ordinary size. ", count: 18)

    private let directory: EntityDirectory<NoteDecider>
    private let addresses: [StreamAddress]
    /// Callers of each entity. With two there is always a command in the mailbox while another one is committed.
    private let callersPerEntity: Int
    /// Events of each command.
    private let events: Int
    private let ids: any IDSource

    /// `entities` is 1 ... 256, since each has a slice of its own.
    init(store: any EventStore, ids: any IDSource, entities: Int, callersPerEntity: Int, events: Int) {
        directory = EntityDirectory(store: store, ids: ids, trail: nil)
        addresses = Self.addresses(count: entities, ids: ids)
        self.callersPerEntity = callersPerEntity
        self.events = events
        self.ids = ids
    }

    private static func addresses(count: Int, ids: any IDSource) -> [StreamAddress] {
        var addresses: [Slice: StreamAddress] = [:]
        while addresses.count < count {
            let tenant = TenantID(bits: ids.random128())
            let address = StreamAddress(tenant: tenant, stream: StreamID(bits: ids.random128()), category: NoteDecider.category)
            if addresses[address.slice] == nil { addresses[address.slice] = address }
        }
        return Array(addresses.values)
    }

    /// What came of it: the time of each command that was given after the warm-up, in seconds, and the time that all took.
    func run(for duration: Duration) async throws -> (times: [Double], elapsed: Double) {
        _ = try await drive(for: Self.warmUp)
        let begun = ContinuousClock.now
        let times = try await drive(for: duration)
        return (times, (ContinuousClock.now - begun) / .seconds(1))
    }

    private func drive(for duration: Duration) async throws -> [Double] {
        let end = ContinuousClock.now + duration
        return try await withThrowingTaskGroup(of: [Double].self) { group in
            for address in addresses {
                for _ in 0..<callersPerEntity { group.addTask { try await call(address, until: end) } }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    private func call(_ address: StreamAddress, until end: ContinuousClock.Instant) async throws -> [Double] {
        var times: [Double] = []
        var before = ContinuousClock.now
        while before < end {
            _ = try await directory.send(Note(text: Self.text, copies: events), to: address, isFresh: true, envelope())
            let after = ContinuousClock.now
            times.append((after - before) / .seconds(1))
            before = after
        }
        return times
    }

    /// Not remembered: the limit it is compared with writes events alone.
    private func envelope() -> CommandEnvelope {
        CommandEnvelope(commandID: ids.next(), principal: .system("bench"), correlation: ids.next(), lane: .p2, isRemembered: false)
    }
}
