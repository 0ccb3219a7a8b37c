package import Vocabulary

/// What happened to a space.
package enum SpaceEvent: DomainEvent, Hashable {
    case created(name: String)
    case keyIssued(IssuedKey)
    case keyRevoked(APIKeyID)
}
