package import Vocabulary

/// What happened to a tenant's named secrets.
package enum KeyringEvent: DomainEvent, Hashable {
    case written(name: String, secret: SecretID)
    case deleted(name: String)
}
