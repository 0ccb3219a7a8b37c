package import Vocabulary

/// A space: absent until it is created.
package enum SpaceState: Hashable, Sendable, Codable {
    case absent
    case present(name: String, keys: [APIKeyID: IssuedKey])
}
