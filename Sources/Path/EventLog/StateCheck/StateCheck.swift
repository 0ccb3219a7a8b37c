import Cryptography
package import EventSourcing
package import Vocabulary

/// Holds what is remembered of entities, in snapshots and in a server's memory, to the state that their events make.
///
/// Compares at equal versions alone, so that a server under load shows no false difference.
package struct StateCheck: Sendable {
    /// What a server says of an entity in its memory: the version, and the SHA-256 of the state as bytes.
    package struct Live: Hashable, Sendable {
        package let version: StreamVersion
        package let digest: [UInt8]

        package init(version: StreamVersion, digest: [UInt8]) {
            self.version = version
            self.digest = digest
        }
    }

    /// Asks for what is in memory; entities that are not have no answer.
    package typealias LiveReader = @Sendable ([StreamAddress]) async throws -> [StreamID: Live]
    /// Asks for one state in full; nil when it is not in memory any more.
    package typealias LiveStateReader = @Sendable (StreamAddress) async throws -> LiveState?

    private let store: any EventStore
    private let snapshots: any SnapshotStore
    private let kinds: [Category: StateKind]
    private let live: LiveReader
    private let liveState: LiveStateReader

    package init(
        store: any EventStore, snapshots: any SnapshotStore, kinds: [StateKind], live: @escaping LiveReader = { _ in [:] },
        liveState: @escaping LiveStateReader = { _ in nil }
    ) {
        self.store = store
        self.snapshots = snapshots
        self.kinds = Dictionary(kinds.map { ($0.category, $0) }, uniquingKeysWith: { $1 })
        self.live = live
        self.liveState = liveState
    }

    /// Checks entities one after another until one differs; streams of other kinds are passed over.
    ///
    /// Cost: all their events are read, a page at a time. Throws `EventStoreError` for a log that cannot be read, or what `live` throws.
    package func check(_ addresses: [StreamAddress], report: inout StateReport) async throws {
        // Asked for first: what is in memory then is in the log when it is read.
        let remembered = try await live(addresses.filter { kinds[$0.category] != nil })
        for address in addresses {
            guard let kind = kinds[address.category] else { continue }
            try await check(address, kind, remembered[address.stream], &report)
            if report.difference != nil { return }
        }
    }

    private func check(_ address: StreamAddress, _ kind: StateKind, _ live: Live?, _ report: inout StateReport) async throws {
        let snapshot = try await snapshots.latest(of: address, foldVersion: kind.foldVersion, upTo: nil, withProvenance: false)
        var comparison = Comparison(kind: kind, address: address, snapshot: snapshot, live: live)
        while true {
            let page = try await store.read(address, after: comparison.whole.version, limit: Limits.eventsPerPage)
            for event in page { try comparison.apply(event) }
            if page.count < Limits.eventsPerPage { break }
        }
        try comparison.end()
        report.entities += 1
        report.events += Int(comparison.whole.version.number)
        report.snapshots += snapshot == nil ? 0 : 1
        report.live += live == nil ? 0 : 1
        guard var difference = comparison.difference else { return }
        if difference.source == .memory, difference.field == nil { difference.field = try await field(address, kind) }
        report.difference = difference
    }

    /// Where the state in memory differs now, at whatever version it is now; nil when it is gone or equal by now.
    private func field(_ address: StreamAddress, _ kind: StateKind) async throws -> String? {
        guard let state = try await liveState(address) else { return nil }
        var fold = kind.begin()
        while fold.version < state.version {
            let limit = min(Limits.eventsPerPage, Int(state.version.number - fold.version.number))
            let page = try await store.read(address, after: fold.version, limit: limit)
            if page.isEmpty { return nil }
            for event in page { try fold.apply(event) }
        }
        return try CBORValue(parsing: fold.encoded()).difference(from: CBORValue(parsing: state.body))
    }
}

/// One entity's states, folded in step.
private struct Comparison {
    private(set) var whole: any StateFold
    /// The fold that began with the snapshot; nil before its version.
    private var resumed: (any StateFold)?
    private let kind: StateKind
    private let address: StreamAddress
    private let snapshot: Snapshot?
    private let live: StateCheck.Live?
    private var isLiveSeen = false
    private(set) var difference: StateDifference?

    init(kind: StateKind, address: StreamAddress, snapshot: Snapshot?, live: StateCheck.Live?) {
        self.kind = kind
        self.address = address
        self.snapshot = snapshot
        self.live = live
        whole = kind.begin()
    }

    mutating func apply(_ event: RecordedEvent) throws {
        try whole.apply(event)
        try resumed?.apply(event)
        if let snapshot, snapshot.version == whole.version { try compare(snapshot, event) }
        if let live, live.version == whole.version { try compare(live) }
    }

    /// Compares what has no event left to follow.
    mutating func end() throws {
        if let live, !isLiveSeen, live.version.number > 0 { differ(.memory, live.version, field: "/version") }
        guard let resumed else { return }
        let field = try Self.field(whole, resumed.encoded())
        if let field { differ(.snapshotAndTail, whole.version, field: field) }
    }

    private mutating func compare(_ snapshot: Snapshot, _ event: RecordedEvent) throws {
        // Of another past, which a load would notice and do without.
        guard event.position.position == snapshot.position else { return }
        do { resumed = try kind.resume(snapshot) } catch { return differ(.snapshot, snapshot.version, field: "") }
        if let field = try Self.field(whole, snapshot.body) { differ(.snapshot, snapshot.version, field: field) }
    }

    private mutating func compare(_ live: StateCheck.Live) throws {
        isLiveSeen = true
        if try SHA256.hash(whole.encoded()).bytes != live.digest { differ(.memory, live.version, field: nil) }
    }

    private mutating func differ(_ source: StateDifference.Source, _ version: StreamVersion, field: String?) {
        if difference == nil { difference = StateDifference(address: address, version: version, source: source, field: field) }
    }

    private static func field(_ fold: any StateFold, _ body: [UInt8]) throws -> String? {
        let bytes = try fold.encoded()
        return bytes == body ? nil : try CBORValue(parsing: bytes).difference(from: CBORValue(parsing: body)) ?? ""
    }
}
