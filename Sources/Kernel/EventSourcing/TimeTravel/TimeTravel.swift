package import Vocabulary

/// Answers what any entity was at any moment, which event set each field, and what became of it between two moments.
///
/// Reads the log and nothing else, so that what is archived or deleted can be asked for like everything. An id of another kind of entity
/// names nothing.
package struct TimeTravel: Sendable {
    private let store: any EventStore
    private let memory = RememberedPast()

    package init(store: any EventStore) { self.store = store }

    /// Drops what it remembers, since somebody's data in it may have been erased.
    package func forgetAll() { memory.forgetAll() }

    /// The entity as it was. Cost: its events up to the moment are read and folded, from the last version on that is remembered: of a history
    /// that was asked before at most ``Limits/eventsPerWaypoint``.
    package func asOf(_ kind: EntityKind, at address: StreamAddress, _ moment: Moment) async throws(EventStoreError) -> Past<PastEntity> {
        var traveller = StreamTraveller(kind, at: address, in: store, memory, towards: moment)
        try await traveller.advance(to: moment)
        if let entity = traveller.entity { return .found(entity) }
        return try await nothing(traveller, moment)
    }

    /// Its events after `version`, oldest first, at most `limit`. Cost: what lies before them is folded too, to know what
    /// each changed.
    package func history(
        _ kind: EntityKind, at address: StreamAddress, after version: StreamVersion = .none, limit: Int
    ) async throws(EventStoreError) -> Past<[HistoryEntry]> {
        var traveller = StreamTraveller(kind, at: address, in: store, memory, towards: .version(version))
        var entries: [HistoryEntry] = []
        let end = StreamVersion(Int32(clamping: Int(version.number) + limit))
        try await traveller.advance(to: .version(end)) { if $0.event.version > version { entries.append($0) } }
        return traveller.first == nil ? .unknown : .found(entries)
    }

    /// What differs between two moments of an entity; throws ``ReversedMoments`` when `to` lies before `from`.
    package func diff(
        _ kind: EntityKind, at address: StreamAddress, from: Moment, to: Moment
    ) async throws -> Past<EntityDiff> {
        var traveller = StreamTraveller(kind, at: address, in: store, memory, towards: from)
        try await traveller.advance(to: from)
        let before = traveller.entity
        if let last = before?.last, !to.includes(last) { throw ReversedMoments(from: from, to: to) }
        var removals: [String: EventStamp] = [:]
        try await traveller.advance(to: to) { entry in for pointer in entry.changes { removals[pointer] = entry.event } }
        guard let after = traveller.entity else { return try await nothing(traveller, to) }
        return .found(EntityDiff(from: before, to: after, changes: FieldChange.between(before?.document, after.document, removals)))
    }

    /// Why nothing was found: it began later, or is not there.
    private func nothing<Found>(_ traveller: consuming StreamTraveller, _ moment: Moment) async throws(EventStoreError) -> Past<Found> {
        try await traveller.next(towards: moment).map(Past.notYet(first:)) ?? .unknown
    }
}

/// The moments of a comparison are the wrong way round.
package struct ReversedMoments: Error, Sendable, CustomStringConvertible {
    package let from: Moment
    package let to: Moment

    package var description: String { "\(to) lies before \(from)" }
}

extension EntityKind {
    /// Where a tenant's entity of that id is; one that a tenant has once needs no id.
    package func address(of id: StreamID?, in tenant: TenantID) -> StreamAddress? {
        switch stream {
        case .ofItsOwn(_, let isMonthly):
            id.map { StreamAddress(tenant: tenant, stream: $0, category: category, era: isMonthly ? .month(of: $0) : .lasting) }
        case .onePerTenant(_, let stream): StreamAddress(tenant: tenant, stream: stream(tenant), category: category)
        case .customer, .space: StreamAddress(tenant: tenant, stream: tenant.recast(), category: category)
        }
    }
}
