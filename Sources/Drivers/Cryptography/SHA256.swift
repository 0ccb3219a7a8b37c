import CCrypto

/// A SHA-256 digest: 32 bytes that identify a content.
///
/// Comparing two digests with `==` is not constant-time; secrets are compared with ``constantTimeEquals(_:_:)``.
package struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
    /// Length of every digest, in bytes.
    package static let byteCount = 32

    /// The 32 bytes of the digest.
    package let bytes: [UInt8]

    /// The digest as 64 lower-case hexadecimal digits.
    package var hex: String { Hex.encode(bytes) }

    /// The first 16 bytes as a number, most significant first: what an id that is derived from names needs.
    package var leadingBits: UInt128 { bytes.prefix(16).reduce(0) { $0 << 8 | UInt128($1) } }

    package var description: String { hex }
}

/// The hash function SHA-256. Source: FIPS 180-4.
package enum SHA256 {
    /// Hashes `bytes` in one go; any length, linear in it.
    package static func hash(_ bytes: some ByteSource) -> SHA256Digest {
        let digest = [UInt8](unsafeUninitializedCapacity: SHA256Digest.byteCount) { buffer, initializedCount in
            bytes.withBytes { input in
                let status = EVP_Digest(input.baseAddress, input.count, buffer.baseAddress, nil, EVP_sha256(), nil)
                precondition(status == 1, "libcrypto could not compute SHA-256 of \(input.count) bytes")
            }
            initializedCount = SHA256Digest.byteCount
        }
        return SHA256Digest(bytes: digest)
    }
}
