import Glibc
import Vocabulary

/// Strikes a connection's credentials out of what the other side answers, since some services repeat the request they got.
struct CredentialRedactor {
    /// Shorter values would be found everywhere, and guard nothing.
    private static let shortestSecretBytes = 4
    private static let mark = Array("[redacted]".utf8)

    private let needles: [[UInt8]]

    /// Takes the texts to strike, as they are and as they look inside a JSON text.
    init(secrets: [String]) {
        let forms = secrets.flatMap { [Array($0.utf8), JSONValue.string($0).encoded.dropFirst().dropLast()] }
        // The longest first, or a short one inside it would leave the rest of it standing.
        needles = Set(forms.filter { $0.count >= Self.shortestSecretBytes }).sorted { $0.count > $1.count }
    }

    /// The bytes without the secrets; the same array where there is none. Linear in the bytes for each secret.
    func redact(_ bytes: [UInt8]) -> [UInt8] {
        needles.reduce(bytes) { Self.strike($1, from: $0) }
    }

    /// The text without the secrets.
    func redact(_ text: String) -> String {
        String(decoding: redact(Array(text.utf8)), as: UTF8.self)
    }

    private static func strike(_ needle: [UInt8], from bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var rest = bytes[...]
        while let place = firstIndex(of: needle, in: rest) {
            result += rest[..<place]
            result += mark
            rest = rest[(place + needle.count)...]
        }
        return rest.count == bytes.count ? bytes : result + rest
    }

    /// Looks for the first byte with `memchr`: the generic search of the standard library takes a second for 4 MB.
    private static func firstIndex(of needle: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        bytes.withUnsafeBytes { bytes -> Int? in
            guard let start = bytes.baseAddress else { return nil }
            var offset = 0
            while offset + needle.count <= bytes.count, let hit = memchr(start + offset, Int32(needle[0]), bytes.count - offset) {
                offset = UnsafeRawPointer(hit) - start
                guard offset + needle.count <= bytes.count else { return nil }
                if memcmp(hit, needle, needle.count) == 0 { return offset }
                offset += 1
            }
            return nil
        }.map { bytes.startIndex + $0 }
    }
}
