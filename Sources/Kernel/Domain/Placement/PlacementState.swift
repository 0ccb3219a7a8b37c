/// Whom an external id stands for. Its stream lies with the space, and its id is made of space and external id, so that an id has one.
package enum PlacementState: Hashable, Sendable, Codable {
    case free
    case held(PlacementClaim)
}
