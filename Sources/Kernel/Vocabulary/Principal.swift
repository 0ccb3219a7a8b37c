/// Who gives a command: recorded with every event and every refusal.
package struct Principal: Hashable, Sendable {
    /// What kind of actor it is, as the audit log shows it.
    package enum Kind: String, Sendable {
        case user
        case serviceAccount = "service_account"
        case agent
        case system
    }

    package let kind: Kind
    /// The user's, key's or component's id; never a secret.
    package let id: String
    /// On whose behalf it acts, when that is somebody else.
    package let onBehalfOf: String?

    package init(kind: Kind, id: String, onBehalfOf: String? = nil) {
        self.kind = kind
        self.id = id
        self.onBehalfOf = onBehalfOf
    }

    /// A component of fastn acting on its own, for example `router`.
    package static func system(_ component: String) -> Principal { Principal(kind: .system, id: component) }
}
