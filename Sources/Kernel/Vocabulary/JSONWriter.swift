/// Writes JSON into a byte buffer, compact, UTF-8, control characters escaped. Source: RFC 8259.
package struct JSONWriter: ~Copyable {
    package private(set) var bytes: [UInt8] = []

    package init(reservingCapacity capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    package mutating func write(_ value: JSONValue) {
        switch value {
        case .null: raw("null")
        case .bool(let flag): raw(flag ? "true" : "false")
        case .number(let number): raw(number.text)
        case .string(let text): write(text)
        case .array(let elements): write(elements)
        case .object(let object): write(object)
        }
    }

    package mutating func write(_ text: String) {
        var text = text
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { characters in
            // Most texts have nothing to escape and are copied whole.
            if characters.needsEscaping {
                for byte in characters { append(escaping: byte) }
            } else {
                bytes.append(contentsOf: characters)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func write(_ elements: [JSONValue]) {
        bytes.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            write(element)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func write(_ object: JSONObject) {
        beginObject()
        for member in object.members {
            name(member.name)
            write(member.value)
        }
        endObject()
    }

    /// Begins an object, of which names and values then come in turn.
    package mutating func beginObject() { bytes.append(UInt8(ascii: "{")) }

    /// The name of the object's next member.
    package mutating func name(_ name: String) {
        // What stands before is the brace of an object without members so far, or a value, which never ends with that brace.
        if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
        write(name)
        bytes.append(UInt8(ascii: ":"))
    }

    /// Ends the object that was begun last.
    package mutating func endObject() { bytes.append(UInt8(ascii: "}")) }

    /// Writes an id as a string, without making one.
    package mutating func write<Subject>(_ id: Identifier<Subject>) {
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: id.characters)
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func append(escaping byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): raw("\\\"")
        case UInt8(ascii: "\\"): raw("\\\\")
        case 0x0a: raw("\\n")
        case 0x0d: raw("\\r")
        case 0x09: raw("\\t")
        case 0..<0x20:
            raw("\\u00")
            bytes.append(hexadecimalDigits[Int(byte >> 4)])
            bytes.append(hexadecimalDigits[Int(byte & 15)])
        default: bytes.append(byte)
        }
    }
}

extension JSONValue {
    /// The document as compact UTF-8 bytes.
    package var encoded: [UInt8] {
        var writer = JSONWriter()
        writer.write(self)
        return writer.bytes
    }

    /// The document as compact text.
    package var text: String { String(decoding: encoded, as: UTF8.self) }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether a character is in it that JSON escapes: a control character, a quote or a backslash. Looks at eight bytes at a time.
    fileprivate var needsEscaping: Bool {
        let bytes = UnsafeRawBufferPointer(self)
        let (ones, highs): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
        // Sets the highest bit of each byte below `limit`, at most 128. Source: "Bit Twiddling Hacks", "Determine if a word has a byte less than n".
        func below(_ limit: UInt64, _ word: UInt64) -> UInt64 { (word &- ones &* limit) & ~word & highs }
        var place = 0
        while place + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            let (quotes, backslashes) = (word ^ (ones &* UInt64(UInt8(ascii: "\""))), word ^ (ones &* UInt64(UInt8(ascii: "\\"))))
            if below(0x20, word) | below(1, quotes) | below(1, backslashes) != 0 { return true }
            place += 8
        }
        return bytes[place...].contains { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }
    }
}
