import Cryptography
import Vocabulary

/// What is derived from the key file for the keys of data: one key that wraps them, and one that names their subjects.
struct MasterKeys: Sendable {
    /// Tells key files apart and gives nothing of them away.
    let id: [UInt8]
    private let wrapping: SymmetricKey
    private let naming: SymmetricKey

    init(_ file: SymmetricKey, id: [UInt8]) {
        self.id = id
        wrapping = SymmetricKey(HMACSHA256.code(of: "fastn data keys 1", key: file))
        naming = SymmetricKey(HMACSHA256.code(of: "fastn data subjects 1", key: file))
    }

    /// 128 bits of HMAC-SHA-256 over tenant and value.
    func subject(_ value: String, of tenant: TenantID) -> DataSubjectID {
        let code = HMACSHA256.code(of: tenant.bytes + Array(value.utf8), key: naming)
        return DataSubjectID(bits: code.prefix(16).reduce(UInt128(0)) { $0 << 8 | UInt128($1) })
    }

    /// The key as it is stored, bound to tenant and id.
    func wrap(_ key: [UInt8], _ id: DataKeyID, of tenant: TenantID) throws(CryptographyError) -> [UInt8] {
        try AESGCM.seal(key, key: wrapping, associatedData: Self.associatedData(id, tenant))
    }

    func unwrap(_ wrapped: [UInt8], _ id: DataKeyID, of tenant: TenantID) throws(CryptographyError) -> SymmetricKey {
        SymmetricKey(try AESGCM.open(wrapped, key: wrapping, associatedData: Self.associatedData(id, tenant)))
    }

    private static func associatedData(_ id: DataKeyID, _ tenant: TenantID) -> [UInt8] { Array("fastn data key 1".utf8) + tenant.bytes + id.bytes }
}

extension Identifier {
    /// The 16 bytes of the id, the first one highest.
    var bytes: [UInt8] { withUnsafeBytes(of: bits.bigEndian) { Array($0) } }
}
