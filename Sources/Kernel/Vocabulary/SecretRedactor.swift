/// Strikes secret values out of whatever is written down or shown.
package struct SecretRedactor: Sendable {
    /// Shorter values would be found everywhere, and guard nothing.
    package static let shortestValueBytes = 4

    private struct Pattern {
        let needle: [UInt8]
        let replacement: [UInt8]
    }

    private var patterns: [Pattern] = []

    package init() {}

    /// Learns a value, as it is and as it looks inside a JSON text; `mark` is written in its place.
    package mutating func learn(_ value: String, as mark: String) {
        for needle in [Array(value.utf8), Array(JSONValue.string(value).encoded.dropFirst().dropLast())]
        where needle.count >= Self.shortestValueBytes && !patterns.contains(where: { $0.needle == needle }) {
            patterns.append(Pattern(needle: needle, replacement: Array(mark.utf8)))
        }
        // The longest first, or a short one inside it would leave the rest of it standing.
        patterns.sort { $0.needle.count > $1.needle.count }
    }

    /// The bytes without the values; the same array where there is none. Cost: linear in the bytes for each value.
    package func redact(_ bytes: [UInt8]) -> [UInt8] { patterns.reduce(bytes) { Self.strike($1, from: $0) } }

    /// The text without the values.
    package func redact(_ text: String) -> String {
        patterns.isEmpty ? text : String(decoding: redact(Array(text.utf8)), as: UTF8.self)
    }

    private static func strike(_ pattern: Pattern, from bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var copied = 0
        while let place = firstPlace(of: pattern.needle, in: bytes, from: copied) {
            result += bytes[copied..<place]
            result += pattern.replacement
            copied = place + pattern.needle.count
        }
        return copied == 0 ? bytes : result + bytes[copied...]
    }

    /// By hand over the plain buffer: the standard library's generic search takes a second for 4 MB.
    private static func firstPlace(of needle: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        bytes.withUnsafeBufferPointer { bytes in
            needle.withUnsafeBufferPointer { needle in
                var place = start
                while place + needle.count <= bytes.count {
                    if bytes[place] == needle[0] {
                        var length = 1
                        while length < needle.count, bytes[place + length] == needle[length] { length += 1 }
                        if length == needle.count { return place }
                    }
                    place += 1
                }
                return nil
            }
        }
    }
}
