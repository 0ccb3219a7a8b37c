import Cryptography

/// Builds the keys by which a repeated delivery is recognised within one trigger.
///
/// A key is `<scheme>.<what it is made of>:<value>`, so ids of different origin never meet.
package enum DeduplicationKey {
    /// Longest key, in bytes: it is part of a unique index, and the providers' own ids are UUIDs or shorter than 100 bytes.
    package static let maximumByteCount = 200

    /// A key from the sender's own id; one that is long or not plain printable ASCII is represented by its hash.
    static func id(_ id: String, scheme: VerificationScheme) -> String {
        let key = "\(scheme.rawValue).id:\(id)"
        guard key.utf8.count <= maximumByteCount, id.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return "\(scheme.rawValue).id-sha256:\(SHA256.hash(id).hex)"
        }
        return key
    }

    /// A key from what the signature covers, for senders that give no id.
    static func content(_ content: [UInt8], scheme: VerificationScheme) -> String {
        "\(scheme.rawValue).content-sha256:\(SHA256.hash(content).hex)"
    }
}
