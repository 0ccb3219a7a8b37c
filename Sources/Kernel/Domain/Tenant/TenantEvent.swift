package import Vocabulary

/// What happened to a customer.
package enum TenantEvent: DomainEvent, Hashable {
    case created(space: SpaceID, name: String, externalID: String?)
}
