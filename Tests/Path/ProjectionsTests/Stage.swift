import Domain
import EventSourcing
import Logging
import PipelineTestKit
import PostgresDriver
import PostgresTestKit
import Projections
import Synchronization
import Testing
import Vocabulary

/// A log in memory, the views in a database of their own, and a clock that stands until it is moved.
struct Stage: Sendable {
    let store = ObservedStore()
    let projections: Projections
    /// Connected as `fastn_system`.
    let system: PostgresPool
    /// Connected as `fastn_reader`.
    let reader: PostgresPool
    /// Connected as a superuser, for what no role of the service may do.
    let owner: PostgresPool

    let space = SpaceID(bits: 0x5)
    let customer = TenantID(bits: 0xc1)
    let stranger = TenantID(bits: 0xc2)

    init(system: PostgresPool, reader: PostgresPool, owner: PostgresPool, configuration: Projections.Configuration) {
        self.system = system
        self.reader = reader
        self.owner = owner
        projections = Projections(store: store, pool: system, reader: reader, logger: .silent, configuration: configuration)
        store.observer.withLock { [projections] in $0 = projections.observer }
    }

    /// Another process's views on the same log and tables.
    func secondProjections() -> Projections { Projections(store: store, pool: system, reader: reader, logger: .silent) }

    var clock: StageClock { store.clock }

    /// Decides one command and answers where its last event is.
    @discardableResult
    func give<D: Decider, S>(
        _ decider: D.Type, _ command: D.Command, to id: Identifier<S>, of tenant: TenantID? = nil, by principal: Principal = .tester
    ) async throws -> LogPosition {
        let entity = Entity<D>(address: address(decider, id, tenant), store: store, ids: clock)
        return try #require(try await entity.send(command, envelope(principal)).position)
    }

    func address<D: Decider, S>(_: D.Type, _ id: Identifier<S>, _ tenant: TenantID? = nil) -> StreamAddress {
        StreamAddress(tenant: tenant ?? customer, stream: id.recast(), category: D.category)
    }

    func envelope(_ principal: Principal = .tester) -> CommandEnvelope {
        CommandEnvelope(commandID: clock.next(), principal: principal, correlation: CorrelationID(bits: 7), lane: .p1, isRemembered: false)
    }

    /// Appends one event as it is, whether a decider knows it or not.
    @discardableResult
    func append(_ form: StoredForm, to stream: StreamID? = nil, of tenant: TenantID? = nil) async throws -> LogPosition {
        try await append([form], to: stream, of: tenant)
    }

    /// Appends events to one stream as they are; answers where the last one is.
    @discardableResult
    func append(_ forms: [StoredForm], to stream: StreamID? = nil, of tenant: TenantID? = nil) async throws -> LogPosition {
        let form = try #require(forms.first)
        let category = Category(String(form.type.prefix { $0 != "." }))
        let address = StreamAddress(tenant: tenant ?? customer, stream: stream ?? clock.next(), category: category)
        let events = forms.map { NewEvent(id: clock.next(), form: $0, meta: EventMeta(envelope())) }
        let outcome = try await store.append(AppendBatch(address: address, expected: .any, events: events))
        guard case .appended(let receipt) = outcome else { throw StageError.notAppended }
        return LogPosition(slice: receipt.first.slice, position: receipt.first.position + Int64(forms.count) - 1)
    }

    /// How one view stands.
    func status(_ name: ProjectionName) throws -> ProjectionStatus { try #require(projections.status.first { $0.name == name }) }

    /// Waits for a condition that nothing tells of, looking again each time that a wait for what cannot come has ended.
    func eventually(_ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while try await !condition() {
            try #require(ContinuousClock.now < deadline, "the condition did not come true: \(projections.status)")
            _ = await projections.wait(for: LogPosition(slice: Slice(of: customer), position: .max), timeout: .milliseconds(5))
        }
    }

    /// Waits until a view has a position; a failure tells what it waited for.
    func see(_ position: LogPosition, _ names: ProjectionName..., source: SourceLocation = #_sourceLocation) async throws {
        let names = names.isEmpty ? ProjectionName.allCases : names
        let isThere = await projections.wait(for: position, in: names, timeout: .seconds(20))
        try #require(isThere, "\(names) did not reach \(position): \(projections.status)", sourceLocation: source)
    }
}

enum StageError: Error { case notAppended }

extension Principal {
    static let tester = Principal(kind: .user, id: "ada")
}

extension Logger {
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

/// Time that the test sets, and ids that never repeat.
final class StageClock: IDSource {
    private let time = Mutex(Timestamp(milliseconds: 1_772_323_200_000))

    func now() -> Timestamp { time.withLock { $0 } }
    func random128() -> UInt128 { UInt128.random(in: .min ... .max) }
    func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }
}

/// The log in memory, telling of its commits unless it is mute.
final class ObservedStore: ForwardingStore {
    let clock = StageClock()
    let observer = Mutex<(any LogObserver)?>(nil)
    /// Says whether a read of a slice fails this time.
    let readFault = Mutex<(@Sendable () -> Bool)?>(nil)
    /// The log in memory, whose keys of data are in it too.
    let log: InMemoryEventStore
    var base: any EventStore { log }

    init() { log = InMemoryEventStore(clock: clock) }

    func append(_ batch: AppendBatch) async throws(EventStoreError) -> AppendOutcome {
        let outcome = try await base.append(batch)
        if case .appended(let receipt) = outcome {
            let head = LogPosition(slice: receipt.first.slice, position: receipt.first.position + Int64(batch.events.count) - 1)
            observer.withLock { $0 }?.logDidAppend(LogNotice(heads: [head], jobs: []))
        }
        return outcome
    }

    func read(_ slice: Slice, after position: Int64, limit: Int) async throws(EventStoreError) -> [RecordedEvent] {
        if readFault.withLock({ $0 })?() == true { throw EventStoreError(.unavailable) }
        return try await base.read(slice, after: position, limit: limit)
    }
}
