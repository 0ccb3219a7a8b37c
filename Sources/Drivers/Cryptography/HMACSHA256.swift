import CCrypto

/// Keyed message authentication with SHA-256. Source: RFC 2104, RFC 4231.
package enum HMACSHA256 {
    /// Length of every code, in bytes.
    package static let byteCount = 32

    /// The 32-byte code of `message` under `key`; keys of any length are lawful, linear in the message.
    package static func code(of message: some ByteSource, key: SymmetricKey) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, initializedCount in
            key.withBytes { key in
                message.withBytes { message in
                    let bytes = message.assumingMemoryBound(to: UInt8.self).baseAddress
                    let code = HMAC(EVP_sha256(), key.baseAddress, Int32(key.count), bytes, message.count, buffer.baseAddress, nil)
                    precondition(code != nil, "libcrypto could not compute HMAC-SHA-256 of \(message.count) bytes")
                }
            }
            initializedCount = byteCount
        }
    }

    /// Whether `code` is the code of `message` under `key`, compared in constant time.
    package static func isValid(_ code: [UInt8], of message: some ByteSource, key: SymmetricKey) -> Bool {
        constantTimeEquals(code, self.code(of: message, key: key))
    }
}
