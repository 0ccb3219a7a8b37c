import CCrypto

/// SHA-256 of content that comes in pieces, one content after another. Source: FIPS 180-4.
///
/// Not `Sendable`: one thread or task uses it. Cheaper for many short contents than ``SHA256/hash(_:)``, which looks the algorithm up each time.
package final class SHA256Hasher {
    private let context: OpaquePointer?

    /// Begins an empty content.
    package init() {
        context = EVP_MD_CTX_new()
        let status = EVP_DigestInit_ex(context, EVP_sha256(), nil)
        precondition(status == 1, "libcrypto could not begin a SHA-256 digest")
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds bytes to the content; linear in them.
    package func update(_ bytes: some ByteSource) {
        bytes.withBytes { input in
            let status = EVP_DigestUpdate(context, input.baseAddress, input.count)
            precondition(status == 1, "libcrypto could not add \(input.count) bytes to a SHA-256 digest")
        }
    }

    /// The digest of the content, 32 bytes; an empty content begins.
    package func finish() -> [UInt8] {
        let digest = [UInt8](unsafeUninitializedCapacity: SHA256Digest.byteCount) { buffer, initializedCount in
            let status = EVP_DigestFinal_ex(context, buffer.baseAddress, nil)
            precondition(status == 1, "libcrypto could not finish a SHA-256 digest")
            initializedCount = SHA256Digest.byteCount
        }
        // Without an algorithm named the one before is used again.
        let status = EVP_DigestInit_ex(context, nil, nil)
        precondition(status == 1, "libcrypto could not begin a SHA-256 digest")
        return digest
    }
}
