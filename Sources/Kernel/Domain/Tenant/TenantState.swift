package import Vocabulary

/// A customer: absent until it is created.
package enum TenantState: Hashable, Sendable, Codable {
    case absent
    case present(space: SpaceID, name: String, externalID: String?)
    /// Its creation was given up.
    case abandoned
}
