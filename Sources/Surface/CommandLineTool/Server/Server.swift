import Vocabulary

/// A server and who we are to it.
struct Server: Sendable, CustomStringConvertible, CustomReflectable {
    /// Without a slash at its end.
    let baseURL: String
    let apiKey: String
    let space: SpaceID?
    /// The customer, or the space itself, that commands work on.
    let tenant: TenantID
    /// How a shell gets at the key without its being shown.
    let keyInShell: String

    var description: String { baseURL }
    var customMirror: Mirror { Mirror(self, children: []) }
}
