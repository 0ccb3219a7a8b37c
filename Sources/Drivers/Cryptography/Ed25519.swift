import CCrypto

/// A key pair whose owner signs and whose public half, 32 bytes, lets anybody check. Source: RFC 8032, Ed25519.
package struct Ed25519SigningKey: Sendable {
    /// Length of the seed that a key follows from, and of the public half, in bytes.
    package static let byteCount = 32

    private let seed: SymmetricKey
    /// The half that may be shown to everybody.
    package let publicKey: [UInt8]

    /// The key pair that follows from a secret seed of 32 random bytes; nil for another length.
    package init?(seed: SymmetricKey) {
        guard seed.byteCount == Self.byteCount, let key = Self.open(seed) else { return nil }
        defer { EVP_PKEY_free(key) }
        var count = Self.byteCount
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, initializedCount in
            let status = EVP_PKEY_get_raw_public_key(key, buffer.baseAddress, &count)
            initializedCount = status == 1 ? count : 0
        }
        guard bytes.count == Self.byteCount else { return nil }
        self.seed = seed
        publicKey = bytes
    }

    /// The signature of `message`, 64 bytes, the same each time.
    package func signature(of message: some ByteSource) -> [UInt8] {
        let key = Self.open(seed)
        let context = EVP_MD_CTX_new()
        defer {
            EVP_MD_CTX_free(context)
            EVP_PKEY_free(key)
        }
        return [UInt8](unsafeUninitializedCapacity: Ed25519.signatureByteCount) { buffer, initializedCount in
            var count = Ed25519.signatureByteCount
            let isSigned = message.withBytes { message in
                let bytes = message.assumingMemoryBound(to: UInt8.self).baseAddress
                return EVP_DigestSignInit(context, nil, nil, nil, key) == 1
                    && EVP_DigestSign(context, buffer.baseAddress, &count, bytes, message.count) == 1
            }
            precondition(isSigned, "libcrypto could not sign \(message.withBytes(\.count)) bytes")
            initializedCount = count
        }
    }

    private static func open(_ seed: SymmetricKey) -> OpaquePointer? {
        seed.withBytes { EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, $0.assumingMemoryBound(to: UInt8.self).baseAddress, $0.count) }
    }
}

/// Checks signatures with the public half alone.
package enum Ed25519 {
    /// Length of a signature, in bytes.
    package static let signatureByteCount = 64

    /// Whether the owner of the public key has signed exactly this message; false for a key or signature of another length.
    package static func isValid(_ signature: [UInt8], of message: some ByteSource, publicKey: [UInt8]) -> Bool {
        guard publicKey.count == Ed25519SigningKey.byteCount, signature.count == signatureByteCount,
            let key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, publicKey, publicKey.count)
        else { return false }
        let context = EVP_MD_CTX_new()
        defer {
            EVP_MD_CTX_free(context)
            EVP_PKEY_free(key)
        }
        return message.withBytes { message in
            EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
                && EVP_DigestVerify(
                    context, signature, signature.count, message.assumingMemoryBound(to: UInt8.self).baseAddress, message.count) == 1
        }
    }
}
