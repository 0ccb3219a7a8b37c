package import Vocabulary

/// Follows one stream from its first event, or from a version that is remembered, page by page, and stops where it is told.
///
/// Cost: one read a page; one page and the folded entity in memory.
struct StreamTraveller {
    private let store: any EventStore
    private let address: StreamAddress
    private let memory: RememberedPast
    private var fold: any EntityFolding
    private var page: ArraySlice<RecordedEvent> = []
    private var isAtEnd = false
    private(set) var first: EventStamp?
    private(set) var last: EventStamp?

    /// Stands at the newest version that is remembered in the past of `moment`, else before the first event.
    init(_ kind: EntityKind, at address: StreamAddress, in store: any EventStore, _ memory: RememberedPast, towards moment: Moment) {
        self.store = store
        self.address = address
        self.memory = memory
        let waypoint = memory.newest(at: address, before: moment)
        fold = waypoint?.fold ?? kind.begin()
        first = waypoint?.first
        last = waypoint?.last
    }

    /// Where the entity stands; nil before its first event.
    var entity: PastEntity? {
        guard let first, let last else { return nil }
        return PastEntity(address: address, first: first, last: last, document: fold.document)
    }

    /// The next event that has not been applied; nil at the end. Reads a page when the last one is used up.
    mutating func next(towards moment: Moment) async throws(EventStoreError) -> EventStamp? {
        if page.isEmpty, !isAtEnd {
            let version = last?.version ?? .none
            let limit = moment.pageLimit(after: version)
            page = try await store.read(address, after: version, limit: limit)[...]
            isAtEnd = page.count < limit
            if version == .none { leaveStrangers() }
        }
        return page.first.map(EventStamp.init)
    }

    /// The id of another tenant's entity, or of one of another kind, leads to nothing.
    private mutating func leaveStrangers() {
        guard let first = page.first, first.address.tenant != address.tenant || first.address.category != address.category else { return }
        (page, isAtEnd) = ([], true)
    }

    /// Applies every event that `moment` includes; `visit` is told of each and of the fields that it changed.
    mutating func advance(to moment: Moment, visit: (HistoryEntry) -> Void = { _ in }) async throws(EventStoreError) {
        while let stamp = try await next(towards: moment), moment.includes(stamp), let event = page.popFirst() {
            guard event.version == (last?.version ?? .none) + 1 else {
                throw EventStoreError(.corrupt("\(address) has version \(event.version) after \(last?.version ?? .none)"))
            }
            do { visit(HistoryEntry(event: stamp, changes: try fold.apply(event.form, stamp))) } catch {
                throw EventStoreError(.unreadable("\(address) version \(event.version): \(error)"))
            }
            let beginning = first ?? stamp
            (first, last) = (beginning, stamp)
            if Int(stamp.version.number) % Limits.eventsPerWaypoint == 0 {
                memory.keep(.init(fold: fold, first: beginning, last: stamp), of: address)
            }
        }
    }
}

extension EventStamp {
    /// The event without its content.
    package convenience init(_ event: RecordedEvent) {
        self.init(
            id: event.id, type: event.form.type, version: event.version, position: event.position, recordedAt: event.recordedAt,
            principal: event.meta.principal, correlation: event.meta.correlation, causation: event.meta.causation.map(EventID.init(bits:)),
            command: event.meta.command)
    }
}
