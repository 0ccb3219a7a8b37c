import CCrypto

/// Whether two byte strings are equal, in a time that depends on their lengths alone and never on where they differ.
///
/// Strings of different length are unequal at once: lengths of digests and tokens are no secret.
package func constantTimeEquals(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
}
