import Vocabulary

/// A trigger: absent, present and listening or not, or deleted.
package enum TriggerState: Hashable, Sendable, Codable {
    case absent
    case present(TriggerSpecification, isEnabled: Bool)
    case deleted
}
