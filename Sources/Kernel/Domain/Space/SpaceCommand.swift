package import Vocabulary

/// What may be asked of a space, the root tenant of one software company.
package enum SpaceCommand: Sendable {
    case create(name: String)
    case issueKey(IssuedKey)
    case revokeKey(APIKeyID)
}

/// An API key as the space remembers it: never the key, only its digest.
package struct IssuedKey: Hashable, Sendable, Codable {
    /// Which of the space's environments the key opens.
    package enum Kind: String, Sendable, Codable { case test, live }

    package let id: APIKeyID
    package let name: String
    package let kind: Kind
    /// Hexadecimal SHA-256 of the key's text, which has 256 random bits.
    package let digest: String

    package init(id: APIKeyID, name: String, kind: Kind, digest: String) {
        self.id = id
        self.name = name
        self.kind = kind
        self.digest = digest
    }
}
