package import Vocabulary

/// What may be asked of a customer of a space.
package enum TenantCommand: Sendable {
    /// `externalID` is the customer's id in the software company's own system, unique within the space.
    case create(space: SpaceID, name: String, externalID: String?)
}
