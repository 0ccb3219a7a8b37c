import CCrypto

/// Authenticated encryption with AES-256 in Galois/Counter Mode.
///
/// The sealed form is `nonce (12 bytes) ‖ ciphertext ‖ tag (16 bytes)`. Nonces are random, so one key should seal fewer than
/// 2^32 records. Source: NIST SP 800-38D.
package enum AESGCM {
    /// Length of the key, in bytes.
    package static let keyByteCount = 32
    /// Length of the nonce in front of the ciphertext, in bytes.
    package static let nonceByteCount = 12
    /// Length of the authentication tag behind the ciphertext, in bytes.
    package static let tagByteCount = 16

    /// Seals `plaintext` under a fresh random nonce; `associatedData` is authenticated but not stored.
    package static func seal(
        _ plaintext: [UInt8], key: SymmetricKey, associatedData: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        try seal(plaintext, key: key, associatedData: associatedData, nonce: RandomBytes.make(count: nonceByteCount))
    }

    /// Seals under a nonce that the caller chose, which known answers need: a nonce used twice gives the key's secrets away.
    static func seal(
        _ plaintext: [UInt8], key: SymmetricKey, associatedData: [UInt8], nonce: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        guard key.byteCount == keyByteCount else { throw .invalidKeyLength(key.byteCount) }
        precondition(nonce.count == nonceByteCount, "a nonce has 12 bytes, this one has \(nonce.count)")
        let context = GCMContext(direction: .seal, key: key, nonce: nonce)
        context.authenticate(associatedData)
        let ciphertext = context.transform(plaintext[...])
        let finished = context.finish()
        precondition(finished, "libcrypto could not finish sealing \(plaintext.count) bytes")
        return nonce + ciphertext + context.tag()
    }

    /// Opens what ``seal(_:key:associatedData:)`` made; throws if a single bit of it, of the key or of `associatedData` differs.
    package static func open(
        _ sealed: [UInt8], key: SymmetricKey, associatedData: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        guard key.byteCount == keyByteCount else { throw .invalidKeyLength(key.byteCount) }
        guard sealed.count >= nonceByteCount + tagByteCount else { throw .truncated }
        let context = GCMContext(direction: .open, key: key, nonce: Array(sealed.prefix(nonceByteCount)))
        context.authenticate(associatedData)
        let plaintext = context.transform(sealed.dropFirst(nonceByteCount).dropLast(tagByteCount))
        context.expect(tag: Array(sealed.suffix(tagByteCount)))
        // The plaintext is worth nothing before the tag is checked, and must not leave this function.
        guard context.finish() else { throw .authenticationFailed }
        return plaintext
    }
}
