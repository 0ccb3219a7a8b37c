import Cryptography

/// A secret shared with a webhook's sender, as the user typed it.
///
/// Several are valid at once while a secret is being rotated. Its description never shows it.
package struct WebhookSecret: Sendable, CustomStringConvertible, CustomReflectable {
    /// Prefix of secrets in the Standard Webhooks form, with base64 behind it.
    static let standardPrefix = "whsec_"

    private let text: String

    /// Takes the secret's text as it was agreed with the sender.
    package init(_ text: String) {
        self.text = text
    }

    /// Whether `scheme` can check anything with this secret; one that is empty, or not base64 where it must be, checks nothing.
    package func isUsable(with scheme: VerificationScheme) -> Bool {
        key(for: scheme) != nil
    }

    /// The key that `scheme` makes of the text, or nil if it is unusable.
    func key(for scheme: VerificationScheme) -> SymmetricKey? {
        switch scheme {
        case .github, .shopify, .hmacSHA256:
            return text.isEmpty ? nil : SymmetricKey(text)
        case .standardWebhooks:
            let encoded = text.hasPrefix(Self.standardPrefix) ? text.dropFirst(Self.standardPrefix.count) : text[...]
            guard let bytes = Base64.decode(encoded), !bytes.isEmpty else { return nil }
            return SymmetricKey(bytes)
        case .none:
            return nil
        }
    }

    package var description: String { "WebhookSecret(redacted)" }

    package var customMirror: Mirror { Mirror(self, children: []) }
}
