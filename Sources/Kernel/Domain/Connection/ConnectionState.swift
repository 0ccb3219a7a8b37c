package import Vocabulary

/// A connection: absent, present with the record that holds its credentials, or deleted.
package enum ConnectionState: Hashable, Sendable, Codable {
    case absent
    case present(ConnectionProfile, secret: SecretID?)
    case deleted
}
