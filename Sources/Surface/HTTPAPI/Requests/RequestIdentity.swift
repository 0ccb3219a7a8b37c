import Cryptography
package import EventSourcing
package import Vocabulary

/// How a request is called in logs, answers and events.
package enum RequestIdentity {
    /// Longest name that is taken over from a caller; longer ones are replaced.
    static let longestName = 128

    /// The caller's `x-request-id` when it is plain text, else a fresh one; and the correlation id that stands for it.
    package static func of(_ headers: RequestHeaders, ids: any IDSource) -> (name: String, correlation: CorrelationID) {
        guard let name = headers.values("x-request-id").first, isPlain(name) else {
            let fresh: CorrelationID = ids.next()
            return (fresh.description, fresh)
        }
        return (name, CorrelationID(name) ?? digest(name))
    }

    /// An id that is equal for equal texts. `parts` are joined so that no two lists give the same text.
    package static func digest<S>(_ parts: String...) -> Identifier<S> {
        let text = parts.map { "\($0.utf8.count):\($0)" }.joined()
        let bits = SHA256.hash(Array(text.utf8)).leadingBits
        return .derived(from: Identifier<S>(bits: bits), digest: bits)
    }

    private static func isPlain(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= longestName && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
    }
}
