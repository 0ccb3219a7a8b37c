/// Why a sealed record could not be made or opened.
///
/// The descriptions are safe for strangers: they hold no key, no plaintext and do not say which of key, record and
/// associated data was wrong.
package enum CryptographyError: Error, Hashable, CustomStringConvertible {
    /// The key has not the 32 bytes that AES-256 needs.
    case invalidKeyLength(Int)
    /// The sealed bytes are shorter than nonce and tag together.
    case truncated
    /// Key, nonce, ciphertext, tag and associated data do not belong together.
    case authenticationFailed

    package var description: String {
        switch self {
        case .invalidKeyLength(let count): "AES-256 needs a key of 32 bytes, this one has \(count): check the key file"
        case .truncated: "the sealed record is too short to be one: restore it from a backup"
        case .authenticationFailed: "the sealed record does not fit this key and place: check that the key file is the one it was sealed with"
        }
    }
}
