/// Why bytes are not JSON that we take.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was wrong, in words for the sender.
    package let reason: Reason
    /// Offset in bytes from the start of the document.
    package let offset: Int

    /// What is wrong, in words for whoever wrote the document.
    package enum Reason: String, Sendable {
        case empty = "the document is empty"
        case unexpected = "unexpected character"
        case unterminated = "the document ends too early"
        case tooDeep = "the document is nested too deeply"
        case badNumber = "malformed number"
        case badString = "malformed string"
        case notUTF8 = "not valid UTF-8"
        case trailing = "text after the end of the document"
    }

    package var description: String { "\(reason.rawValue) at byte \(offset)" }
}

extension JSONValue {
    /// Reads one RFC 8259 document.
    ///
    /// `depth` bounds nesting before anything recurses. A lone surrogate escape becomes U+FFFD here; the bytes that
    /// customers' code gets are passed on as they came, so nothing is lost there.
    package init(parsing bytes: [UInt8], depth: Int = Limits.jsonDepth) throws(JSONError) {
        var parser = JSONParser(bytes: bytes, depthLimit: depth)
        self = try parser.document()
    }

    package init(parsing text: String) throws(JSONError) { try self.init(parsing: Array(text.utf8)) }
}

/// A recursive-descent reader over bytes; recursion is bounded by `depthLimit`.
struct JSONParser {
    let bytes: [UInt8]
    let depthLimit: Int
    var index = 0

    init(bytes: [UInt8], depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    mutating func document() throws(JSONError) -> JSONValue {
        skipSpace()
        guard index < bytes.count else { throw failure(.empty) }
        let value = try value(depth: 0)
        skipSpace()
        guard index == bytes.count else { throw failure(.trailing) }
        return value
    }

    private func failure(_ reason: JSONError.Reason) -> JSONError { JSONError(reason: reason, offset: index) }

    private mutating func skipSpace() {
        while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x0a || bytes[index] == 0x0d || bytes[index] == 0x09 { index += 1 }
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        guard index < bytes.count else { throw failure(.unterminated) }
        switch bytes[index] {
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        guard index + text.utf8CodeUnitCount <= bytes.count else { throw failure(.unterminated) }
        for offset in 0..<text.utf8CodeUnitCount where bytes[index + offset] != text.utf8Start[offset] { throw failure(.unexpected) }
        index += text.utf8CodeUnitCount
        return value
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
        guard depth <= depthLimit else { throw failure(.tooDeep) }
        index += 1
        skipSpace()
        if take(UInt8(ascii: "}")) { return JSONObject() }
        var members: [(name: String, value: JSONValue)] = []
        // Room for what most objects have, since growing costs more than reading.
        members.reserveCapacity(8)
        while true {
            skipSpace()
            guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { throw failure(index < bytes.count ? .unexpected : .unterminated) }
            let name = try string()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw failure(index < bytes.count ? .unexpected : .unterminated) }
            skipSpace()
            members.append((name: name, value: try value(depth: depth)))
            skipSpace()
            if take(UInt8(ascii: "}")) { return JSONObject(members) }
            guard take(UInt8(ascii: ",")) else { throw failure(index < bytes.count ? .unexpected : .unterminated) }
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
        guard depth <= depthLimit else { throw failure(.tooDeep) }
        index += 1
        var elements: [JSONValue] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return elements }
        while true {
            skipSpace()
            elements.append(try value(depth: depth))
            skipSpace()
            if take(UInt8(ascii: "]")) { return elements }
            guard take(UInt8(ascii: ",")) else { throw failure(index < bytes.count ? .unexpected : .unterminated) }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    private mutating func number() throws(JSONError) -> JSONNumber {
        let start = index
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { guard skipDigits() > 0 else { throw failure(start == index ? .unexpected : .badNumber) } }
        if take(UInt8(ascii: ".")) { guard skipDigits() > 0 else { throw failure(.badNumber) } }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard skipDigits() > 0 else { throw failure(.badNumber) }
        }
        return JSONNumber(text: String(decoding: bytes[start..<index], as: UTF8.self))
    }

    private mutating func skipDigits() -> Int {
        let start = index
        while index < bytes.count, bytes[index] >= 48, bytes[index] <= 57 { index += 1 }
        return index - start
    }

    private mutating func string() throws(JSONError) -> String {
        index += 1
        let start = index
        while index < bytes.count, bytes[index] != UInt8(ascii: "\""), bytes[index] != UInt8(ascii: "\\"), bytes[index] >= 0x20 { index += 1 }
        guard index < bytes.count else { throw failure(.unterminated) }
        guard bytes[index] == UInt8(ascii: "\"") else { return try escapedString(from: start) }
        guard let text = bytes[start..<index].withUnsafeBufferPointer(Self.text) else { throw failure(.notUTF8) }
        index += 1
        return text
    }

    /// Nil when the bytes are not UTF-8. ASCII, which most texts are, takes the quick way: the library validates byte by byte.
    private static func text(of characters: UnsafeBufferPointer<UInt8>) -> String? {
        guard characters.allSatisfy({ $0 < 0x80 }) else { return String(validating: characters, as: UTF8.self) }
        return String(decoding: characters, as: UTF8.self)
    }

    /// The slow path, taken from the first escape on.
    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var decoded = Array(bytes[start..<index])
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: decoded, as: UTF8.self) else { throw failure(.notUTF8) }
                return text
            case UInt8(ascii: "\\"): try escape(into: &decoded)
            case 0..<0x20: throw failure(.badString)
            default: decoded.append(byte)
            }
        }
        throw failure(.unterminated)
    }

    private mutating func escape(into decoded: inout [UInt8]) throws(JSONError) {
        guard index < bytes.count else { throw failure(.unterminated) }
        let byte = bytes[index]
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): decoded.append(byte)
        case UInt8(ascii: "b"): decoded.append(0x08)
        case UInt8(ascii: "f"): decoded.append(0x0c)
        case UInt8(ascii: "n"): decoded.append(0x0a)
        case UInt8(ascii: "r"): decoded.append(0x0d)
        case UInt8(ascii: "t"): decoded.append(0x09)
        case UInt8(ascii: "u"): decoded.append(contentsOf: Array(String(try unicodeEscape()).utf8))
        default: throw failure(.badString)
        }
    }

    private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let first = try fourHexadecimalDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xdc00, index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u") else {
            return "\u{fffd}"
        }
        let mark = index
        index += 2
        let second = try fourHexadecimalDigits()
        guard (0xdc00...0xdfff).contains(second) else {
            index = mark
            return "\u{fffd}"
        }
        return Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00)) ?? "\u{fffd}"
    }

    private mutating func fourHexadecimalDigits() throws(JSONError) -> UInt32 {
        guard index + 4 <= bytes.count else { throw failure(.unterminated) }
        var value: UInt32 = 0
        for byte in bytes[index..<index + 4] {
            guard let digit = hexadecimalValue(byte) else { throw failure(.badString) }
            value = value << 4 | UInt32(digit)
        }
        index += 4
        return value
    }
}
