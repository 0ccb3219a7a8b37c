package import Vocabulary

/// What happened to a placement.
package enum PlacementEvent: DomainEvent, Hashable {
    case claimed(PlacementClaim)
    case released(PlacementClaim)
}
