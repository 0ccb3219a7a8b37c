package import Vocabulary

/// What may be asked of a tenant's named secrets. The value is sealed before and only its record's id is named here.
package enum KeyringCommand: Sendable {
    case write(name: String, secret: SecretID)
    case delete(name: String)
}
