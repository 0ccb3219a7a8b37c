/// Reads the JSON of workers: checks all of it, copies only what is asked for. Source: RFC 8259.
struct JSONText {
    enum Problem: Error { case malformed, tooDeep }

    let bytes: [UInt8]
    /// The next byte to look at.
    var index = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Throws unless the bytes are one JSON value no deeper than ``SandboxLimits/jsonDepth``. O(n).
    static func validate(_ bytes: [UInt8]) throws(Problem) {
        var reader = JSONText(bytes)
        try reader.skipValue()
        guard reader.peek() == nil, String(validating: bytes, as: UTF8.self) != nil else { throw .malformed }
    }

    /// The texts of an object's members by name, the last of equal names; everything is validated.
    static func members(of bytes: [UInt8]) throws(Problem) -> [String: ArraySlice<UInt8>] {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .malformed }
        var reader = JSONText(bytes)
        var members: [String: ArraySlice<UInt8>] = [:]
        try reader.expect(UInt8(ascii: "{"))
        if reader.accept(UInt8(ascii: "}")) { return members }
        repeat {
            _ = reader.peek()
            let nameStart = reader.index
            try reader.skipString()
            let name = string(bytes[nameStart..<reader.index])
            try reader.expect(UInt8(ascii: ":"))
            _ = reader.peek()
            let valueStart = reader.index
            try reader.skipValue()
            members[name] = bytes[valueStart..<reader.index]
        } while reader.accept(UInt8(ascii: ","))
        try reader.expect(UInt8(ascii: "}"))
        guard reader.peek() == nil else { throw .malformed }
        return members
    }

    /// The text of a validated string literal; a lone surrogate becomes U+FFFD. Nil if the value is of another kind.
    static func stringValue(_ literal: ArraySlice<UInt8>?) -> String? {
        guard let literal, literal.first == UInt8(ascii: "\"") else { return nil }
        return string(literal)
    }

    /// A string literal for the text.
    static func literal(_ text: String) -> [UInt8] {
        var result: [UInt8] = [UInt8(ascii: "\"")]
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): result += [UInt8(ascii: "\\"), byte]
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                result += Array("\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8)
            default: result.append(byte)
            }
        }
        return result + [UInt8(ascii: "\"")]
    }
}

// MARK: - Escapes

extension JSONText {
    /// Decodes a validated literal, quotes included.
    private static func string(_ literal: ArraySlice<UInt8>) -> String {
        let content = literal.dropFirst().dropLast()
        guard content.contains(UInt8(ascii: "\\")) else { return String(decoding: content, as: UTF8.self) }
        var units: [UInt16] = []
        var rest = content[...]
        while let byte = rest.first {
            guard byte == UInt8(ascii: "\\") else {
                let plain = rest.prefix { $0 != UInt8(ascii: "\\") }
                units += String(decoding: plain, as: UTF8.self).utf16
                rest = rest.dropFirst(plain.count)
                continue
            }
            let escaped = rest[rest.startIndex + 1]
            if escaped == UInt8(ascii: "u") {
                let digits = String(decoding: rest.dropFirst(2).prefix(4), as: UTF8.self)
                units.append(UInt16(digits, radix: 16) ?? 0xFFFD)
                rest = rest.dropFirst(6)
            } else {
                units.append(unescaped(escaped))
                rest = rest.dropFirst(2)
            }
        }
        return String(decoding: units, as: UTF16.self)
    }

    private static func unescaped(_ byte: UInt8) -> UInt16 {
        switch byte {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: UInt16(byte)
        }
    }
}
