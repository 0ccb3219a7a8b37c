package import Vocabulary

/// A connection: absent, present with the record that holds its credentials, or deleted.
package enum ConnectionState: Hashable, Sendable, Codable {
    case absent
    case present(ConnectionProfile, secret: SecretID?)
    case deleted
}

/// Where the credentials of a connection are in the vault.
package enum ConnectionRecord {
    /// The name to which the record is bound; it is sealed for the connection's tenant.
    package static func name(of connection: ConnectionID) -> String { "connection/\(connection)" }
}
