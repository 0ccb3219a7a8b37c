import Vocabulary

/// Strikes secret values out of whatever is written down or shown.
struct SecretRedactor {
    /// Shorter values would be found everywhere and make every text unreadable.
    static let shortestValueBytes = 4
    private var patterns: [(needle: [UInt8], replacement: [UInt8])] = []

    /// Learns a value that the run has seen, as it is and as it looks inside a JSON string.
    mutating func learn(_ value: String, name: String) {
        let plain = Array(value.utf8)
        guard plain.count >= Self.shortestValueBytes else { return }
        let replacement = Array("[secret \(name)]".utf8)
        let escaped = Array(JSONValue.string(value).encoded.dropFirst().dropLast())
        for needle in [plain, escaped] where !patterns.contains(where: { $0.needle == needle }) { patterns.append((needle, replacement)) }
    }

    func redact(_ bytes: [UInt8]) -> [UInt8] {
        patterns.reduce(bytes) { Self.replace($1.needle, by: $1.replacement, in: $0) }
    }

    func redact(_ text: String) -> String {
        patterns.isEmpty ? text : String(decoding: redact(Array(text.utf8)), as: UTF8.self)
    }

    /// Cost: bytes times the needle's first-byte hits; runs see few secrets.
    private static func replace(_ needle: [UInt8], by replacement: [UInt8], in bytes: [UInt8]) -> [UInt8] {
        guard let first = needle.first, bytes.count >= needle.count else { return bytes }
        var result: [UInt8] = []
        var index = 0
        var copied = 0
        while index <= bytes.count - needle.count {
            if bytes[index] == first, bytes[index..<index + needle.count].elementsEqual(needle) {
                result += bytes[copied..<index]
                result += replacement
                index += needle.count
                copied = index
            } else {
                index += 1
            }
        }
        return copied == 0 ? bytes : result + bytes[copied...]
    }
}
