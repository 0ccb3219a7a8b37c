package import Vocabulary

/// What happened to a connection.
package enum ConnectionEvent: DomainEvent, Hashable {
    case created(ConnectionProfile, secret: SecretID?)
    case credentialsRotated(ConnectionAuth, secret: SecretID?)
    /// `name` is given back and may be taken by another connection.
    case deleted(tenant: TenantID, name: String)
}
