package import Vocabulary

/// The erasure of one key's data: absent until it is asked for. Its stream has the key's id, so that a key has one.
package enum ErasureState: Hashable, Sendable, Codable {
    case absent
    case requested(ErasureRequest)
    case completed(ErasureRequest, destroyedAt: Timestamp)
}
