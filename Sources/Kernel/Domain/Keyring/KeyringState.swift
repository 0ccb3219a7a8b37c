package import Vocabulary

/// The encrypted records that a tenant's secret names stand for now.
package struct KeyringState: Hashable, Sendable, Codable {
    package var secrets: [String: SecretID] = [:]
}

extension Identifier where Subject == Vocabulary.Subject.Tenant {
    /// The stream of the tenant's keyring: one a tenant, so its id is the tenant's with a fixed pattern laid over.
    package var keyring: StreamID { StreamID(bits: bits ^ 0x6b65_7972_696e_6700_0000_0000_0000_0000) }
}
