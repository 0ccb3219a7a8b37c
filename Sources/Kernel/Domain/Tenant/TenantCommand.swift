package import Vocabulary

/// What may be asked of a customer of a space.
package enum TenantCommand: Sendable {
    /// `externalID` is the customer's id in the software company's own system, unique within the space; `isPlaced` says that a placement holds
    /// it already, because the customer lives in another region than its space.
    case create(space: SpaceID, name: String, externalID: String?, isPlaced: Bool = false)
    /// Gives up a creation that has not come to its end, so that it never will.
    case abandon
}
