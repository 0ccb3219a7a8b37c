import Cryptography
package import Domain
package import EventSourcing
package import Vocabulary

/// Creates customers in the region in which their data is to live.
///
/// An external id is unique within a space. When the customer lives in the space's own database, its first event claims the id. Otherwise a
/// placement beside the space claims it first: in the space's database lies that there is such a customer, and nothing of what it is.
package struct CustomerPlacement: Sendable {
    /// How often a claim that nobody came back to is cleared away for one request: each time somebody else has just made another one.
    private static let clearances = 3

    /// Which database each slice names.
    package let regions: Regions
    private let tenants: EntityDirectory<TenantDecider>
    private let placements: EntityDirectory<PlacementDecider>

    package init(regions: Regions, tenants: EntityDirectory<TenantDecider>, placements: EntityDirectory<PlacementDecider>) {
        self.regions = regions
        self.tenants = tenants
        self.placements = placements
    }

    /// Creates a customer in a region that the installation has; throws `NameTaken`, `EntityRejection` or `EventStoreError`.
    ///
    /// The customer's id is made from `origin`: the same command makes the same customer, so that a request that was cut short can be sent again.
    package func create(
        _ name: String, externalID: String?, of space: SpaceID, in region: Region, like origin: TenantID, _ envelope: CommandEnvelope
    ) async throws -> (id: TenantID, reply: EntityReply<TenantState>) {
        guard let id = regions.id(like: origin, in: region) else { throw EntityRejection.invalid([Problem("/region", "there is no such region")]) }
        var isPlaced = false
        if let externalID, !regions.isOne(id, space) {
            try await claim(PlacementClaim(space: space, customer: id, externalID: externalID), envelope)
            isPlaced = true
        }
        let command = TenantCommand.create(space: space, name: name, externalID: externalID, isPlaced: isPlaced)
        return (id, try await tenants.send(command, to: Self.address(of: id), isFresh: true, envelope))
    }

    /// Claims the external id. A claim whose customer was never created, because whoever made it has ended in between, is cleared away.
    private func claim(_ claim: PlacementClaim, _ envelope: CommandEnvelope) async throws {
        let address = Self.address(of: claim)
        for _ in 0..<Self.clearances {
            guard case .held(let held) = try await placements.state(at: address), held != claim else { break }
            let abandoned = try await abandon(held.customer, envelope)
            guard abandoned else { throw NameTaken(reservations: PlacementDecider.reservations(of: .claimed(claim))) }
            _ = try await placements.send(.release(customer: held.customer), to: address, envelope.unremembered)
        }
        _ = try await placements.send(.claim(claim), to: address, envelope.unremembered)
    }

    /// Sees to it that a customer will never be created; false when it was. Whoever still is at it meets this in the log.
    private func abandon(_ customer: TenantID, _ envelope: CommandEnvelope) async throws -> Bool {
        do {
            _ = try await tenants.send(.abandon, to: Self.address(of: customer), envelope.unremembered)
            return true
        } catch EntityRejection.exists { return false }
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
