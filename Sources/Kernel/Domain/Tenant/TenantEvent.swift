package import Vocabulary

/// What happened to a customer.
package enum TenantEvent: DomainEvent, Hashable {
    /// `isPlaced` says that a placement holds the external id.
    case created(space: SpaceID, name: String, externalID: String?, isPlaced: Bool = false)
    /// It will not be created any more.
    case abandoned
}
