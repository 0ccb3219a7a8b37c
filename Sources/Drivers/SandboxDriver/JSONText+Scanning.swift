import SandboxProtocol

/// The scanner: every method takes what it names, or throws.
extension JSONText {
    /// The next byte that is not white space, without taking it.
    mutating func peek() -> UInt8? {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            case let byte: return byte
            }
        }
        return nil
    }

    mutating func accept(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        index += 1
        return true
    }

    mutating func expect(_ byte: UInt8) throws(Problem) {
        guard accept(byte) else { throw .malformed }
    }

    /// Takes one value, without recursion: its depth is the sender's choice, and the stack of our threads is small.
    mutating func skipValue() throws(Problem) {
        var closings: [UInt8] = []
        repeat {
            if let closing = openedList() {
                index += 1
                if !accept(closing) {
                    closings.append(closing)
                    guard closings.count <= SandboxLimits.jsonDepth else { throw .tooDeep }
                    try skipName(in: closing)
                    continue
                }
            } else {
                try skipScalar()
            }
            while let closing = closings.last {
                if accept(UInt8(ascii: ",")) {
                    try skipName(in: closing)
                    break
                }
                try expect(closing)
                closings.removeLast()
            }
        } while !closings.isEmpty
    }

    /// What ends the list that begins here; nil for a scalar.
    private mutating func openedList() -> UInt8? {
        switch peek() {
        case UInt8(ascii: "{"): UInt8(ascii: "}")
        case UInt8(ascii: "["): UInt8(ascii: "]")
        default: nil
        }
    }

    private mutating func skipName(in closing: UInt8) throws(Problem) {
        guard closing == UInt8(ascii: "}") else { return }
        _ = peek()
        try skipString()
        try expect(UInt8(ascii: ":"))
    }

    private mutating func skipScalar() throws(Problem) {
        switch peek() {
        case UInt8(ascii: "\""): try skipString()
        case UInt8(ascii: "t"): try skipWord("true")
        case UInt8(ascii: "f"): try skipWord("false")
        case UInt8(ascii: "n"): try skipWord("null")
        default: try skipNumber()
        }
    }

    private mutating func skipWord(_ word: StaticString) throws(Problem) {
        let count = word.utf8CodeUnitCount
        let matches = word.withUTF8Buffer { bytes[index...].prefix(count).elementsEqual($0) }
        guard matches else { throw .malformed }
        index += count
    }

    mutating func skipString() throws(Problem) {
        guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { throw .malformed }
        index += 1
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index += 1
                return
            case UInt8(ascii: "\\"): try skipEscape()
            case 0..<0x20: throw .malformed
            default: index += 1
            }
        }
        throw .malformed
    }

    private mutating func skipEscape() throws(Problem) {
        guard index + 1 < bytes.count else { throw .malformed }
        switch bytes[index + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            index += 2
        case UInt8(ascii: "u"):
            guard index + 6 <= bytes.count, bytes[index + 2..<index + 6].allSatisfy(isHexDigit) else { throw .malformed }
            index += 6
        default: throw .malformed
        }
    }

    private mutating func skipNumber() throws(Problem) {
        if index < bytes.count, bytes[index] == UInt8(ascii: "-") { index += 1 }
        if index < bytes.count, bytes[index] == UInt8(ascii: "0") { index += 1 } else { try skipDigits() }
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            index += 1
            try skipDigits()
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") { index += 1 }
            try skipDigits()
        }
    }

    private mutating func skipDigits() throws(Problem) {
        let start = index
        while index < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) { index += 1 }
        guard index > start else { throw .malformed }
    }

    private func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
    }
}
