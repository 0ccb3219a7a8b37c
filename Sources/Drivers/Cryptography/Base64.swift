/// Base64 text in both alphabets, decoded strictly: one byte string has exactly one accepted text.
///
/// Strictness matters where the text is a signature or a cursor: a lax decoder lets bits of it be changed unseen.
/// Source: RFC 4648, sections 3.5, 4 and 5.
package enum Base64 {
    /// Which characters stand for 62 and 63, and whether the text is padded.
    package enum Alphabet: Sendable {
        /// `+` and `/`, padded with `=` to a multiple of four.
        case standard
        /// `-` and `_`, without padding.
        case url
    }

    /// The text of `bytes`; four characters for three bytes.
    package static func encode(_ bytes: [UInt8], _ alphabet: Alphabet = .standard) -> String {
        let symbols = alphabet.symbols
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | UInt32($1) } << (8 * (3 - UInt32(group.count)))
            for place in 0...group.count {
                text.append(symbols[Int(bits >> (18 - 6 * UInt32(place)) & 0x3F)])
            }
            if alphabet == .standard {
                text.append(contentsOf: repeatElement(UInt8(ascii: "="), count: 3 - group.count))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes behind `text`, or nil if a character, the length, the padding or an unused bit is not what ``encode(_:_:)`` writes.
    package static func decode(_ text: some StringProtocol, _ alphabet: Alphabet = .standard) -> [UInt8]? {
        var symbols = Array(text.utf8)
        if alphabet == .standard {
            guard symbols.count.isMultiple(of: 4) else { return nil }
            let padding = symbols.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
            symbols.removeLast(padding)
        }
        guard symbols.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(symbols.count * 3 / 4)
        for start in stride(from: 0, to: symbols.count, by: 4) {
            let group = symbols[start..<min(start + 4, symbols.count)]
            guard let decoded = decodeGroup(group, alphabet) else { return nil }
            bytes.append(contentsOf: decoded)
        }
        return bytes
    }

    /// One to three bytes from a group of two to four symbols.
    private static func decodeGroup(_ group: ArraySlice<UInt8>, _ alphabet: Alphabet) -> ArraySlice<UInt8>? {
        var bits: UInt32 = 0
        for symbol in group {
            guard let value = alphabet.value(of: symbol) else { return nil }
            bits = bits << 6 | value
        }
        bits <<= 6 * (4 - UInt32(group.count))
        let bytes = [UInt8(bits >> 16), UInt8(bits >> 8 & 0xFF), UInt8(bits & 0xFF)]
        let count = group.count - 1
        guard bytes[count...].allSatisfy({ $0 == 0 }) else { return nil }
        return bytes[..<count]
    }
}

extension Base64.Alphabet {
    private static let standardSymbols = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let urlSymbols = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    fileprivate var symbols: [UInt8] {
        switch self {
        case .standard: Self.standardSymbols
        case .url: Self.urlSymbols
        }
    }

    /// The six bits that a character stands for; nil if it is none of the alphabet.
    package func value(of symbol: UInt8) -> UInt32? {
        switch symbol {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(symbol - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(symbol - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(symbol - UInt8(ascii: "0")) + 52
        case symbols[62]: 62
        case symbols[63]: 63
        default: nil
        }
    }
}
