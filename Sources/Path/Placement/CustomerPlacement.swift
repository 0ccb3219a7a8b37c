import Cryptography
package import Domain
package import EventSourcing
package import Vocabulary

/// Creates customers in the region in which their data is to live.
///
/// An external id is unique within a space. When the customer lives in the space's own database, its first event claims the id. Otherwise a
/// placement beside the space claims it first: in the space's database lies that there is such a customer, and nothing of what it is.
package struct CustomerPlacement: Sendable {
    /// How long after a claim its customer may still be on the way: far longer than anybody waits for an append. Only kindness depends on it,
    /// since a creation that was given up too early is refused.
    private static let patience = Duration.seconds(60)

    /// Which database each slice names.
    package let regions: Regions
    private let store: any EventStore
    private let tenants: EntityDirectory<TenantDecider>
    private let placements: EntityDirectory<PlacementDecider>
    private let trail: RefusalTrail?
    private let ids: any IDSource

    package init(
        regions: Regions, store: any EventStore, tenants: EntityDirectory<TenantDecider>, placements: EntityDirectory<PlacementDecider>,
        trail: RefusalTrail?, ids: any IDSource
    ) {
        self.regions = regions
        self.store = store
        self.tenants = tenants
        self.placements = placements
        self.trail = trail
        self.ids = ids
    }

    /// Creates a customer in a region that the installation has; throws `NameTaken`, `EntityRejection` or `EventStoreError`.
    ///
    /// The customer's id is made from `origin`: the same command makes the same customer, so that a request that was cut short can be sent again.
    package func create(
        _ name: String, externalID: String?, of space: SpaceID, in region: Region, like origin: TenantID, _ envelope: CommandEnvelope
    ) async throws -> (id: TenantID, reply: EntityReply<TenantState>) {
        guard let id = regions.id(like: origin, in: region) else { throw EntityRejection.invalid([Problem("/region", "there is no such region")]) }
        let isPlaced = externalID != nil && !regions.isOne(id, space)
        let command = TenantCommand.create(space: space, name: name, externalID: externalID, isPlaced: isPlaced)
        // What will be refused claims nothing.
        _ = try TenantDecider.decide(command, .absent, now: ids.now())
        guard let externalID else { return (id, try await create(id, command, envelope)) }
        let claim = PlacementClaim(space: space, customer: id, externalID: externalID)
        guard isPlaced else {
            do { return (id, try await create(id, command, envelope)) } catch let taken as NameTaken {
                guard try await clearAway(rivalOf: claim, envelope) else { throw taken }
                return (id, try await create(id, command, envelope))
            }
        }
        try await hold(claim, envelope)
        return (id, try await create(id, command, envelope))
    }

    private func create(_ id: TenantID, _ command: TenantCommand, _ envelope: CommandEnvelope) async throws -> EntityReply<TenantState> {
        try await tenants.send(command, to: Self.address(of: id), isFresh: true, envelope)
    }

    private func hold(_ claim: PlacementClaim, _ envelope: CommandEnvelope) async throws {
        let address = Self.address(of: claim)
        if case .held(let held) = try await placements.state(at: address), held != claim {
            let isCleared = try await clearAway(rivalOf: claim, envelope)
            guard isCleared else {
                let taken = NameTaken(reservations: PlacementDecider.reservations(of: .claimed(claim)))
                // Beside the space, which asked: there is no such customer.
                let resource = StreamAddress(tenant: claim.space, stream: claim.customer.recast(), category: TenantDecider.category)
                try await trail?.record(.rejected, action: "tenant.create", resource: resource, reason: "\(taken)", envelope)
                throw taken
            }
        }
        _ = try await placements.send(.claim(claim), to: address, envelope.unremembered)
    }

    /// Gives back the external id if it was claimed for a customer who was never created, because whoever was at it has ended in between;
    /// false when it belongs to somebody, or may yet.
    private func clearAway(rivalOf claim: PlacementClaim, _ envelope: CommandEnvelope) async throws -> Bool {
        let address = Self.address(of: claim)
        guard case .held(let held) = try await placements.state(at: address), held != claim else { return false }
        if case .present = try await tenants.state(at: Self.address(of: held.customer)) { return false }
        guard let last = try await lastChange(of: address), ids.now() - last >= Self.patience else { return false }
        // From here on the customer cannot be created any more; whoever still is at it meets this in the log.
        do { _ = try await tenants.send(.abandon, to: Self.address(of: held.customer), envelope.unremembered) } catch EntityRejection.exists {
            return false
        }
        _ = try await placements.send(.release(customer: held.customer), to: address, envelope.unremembered)
        return true
    }

    /// When a placement changed last. Its stream has two events for each customer who was given up, hence few.
    private func lastChange(of address: StreamAddress) async throws(EventStoreError) -> Timestamp? {
        var last: RecordedEvent?
        while true {
            let page = try await store.read(address, after: last?.version ?? .none, limit: Limits.eventsPerPage)
            last = page.last ?? last
            if page.count < Limits.eventsPerPage { return last?.recordedAt }
        }
    }

    private static func address(of customer: TenantID) -> StreamAddress {
        StreamAddress(tenant: customer, stream: customer.recast(), category: TenantDecider.category)
    }

    private static func address(of claim: PlacementClaim) -> StreamAddress {
        let digest = SHA256.hash(Array("\(claim.space) \(claim.externalID)".utf8)).leadingBits
        let stream = StreamID.derived(from: claim.space, digest: digest)
        return StreamAddress(tenant: claim.space, stream: stream, category: PlacementDecider.category)
    }
}

extension CommandEnvelope {
    /// One of several commands of a request, of which the last is the one that is remembered; this one does no harm when it is given again.
    fileprivate var unremembered: CommandEnvelope {
        CommandEnvelope(
            commandID: commandID, principal: principal, correlation: correlation, causation: causation, lane: lane, environment: environment,
            isRemembered: false, stateWrites: stateWrites, term: term)
    }
}
