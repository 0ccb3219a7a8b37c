package import Vocabulary

/// What may be asked of the placement of a customer in another region than its space's.
package enum PlacementCommand: Sendable {
    /// Claims an external id for a customer who is about to be created.
    case claim(PlacementClaim)
    /// Gives the external id back: the customer was never created and never will be.
    case release(customer: TenantID)
}

/// Which customer an external id stands for.
package struct PlacementClaim: Hashable, Sendable, Codable {
    /// Within which the external id is unique.
    package let space: SpaceID
    package let customer: TenantID
    package let externalID: String

    package init(space: SpaceID, customer: TenantID, externalID: String) {
        self.space = space
        self.customer = customer
        self.externalID = externalID
    }
}
