import Glibc

/// Why a value has no binary form; the caller adds which parameter it was.
enum UnencodableValue: Error {
    case nulInText
    case timeOutOfRange
    case tooLarge

    /// Safe for strangers: says nothing of the value.
    var reason: String {
        switch self {
        case .nulInText: "text with a NUL character, which Postgres cannot store: remove it, or store bytes"
        case .timeOutOfRange: "a time outside what 64 bits hold"
        case .tooLarge: "the parameters of the statement are larger than \(ParameterBuffer.byteLimit) bytes"
        }
    }
}

/// The bytes of all parameters of one statement, one after the other, in network order.
struct ParameterBuffer: Sendable {
    /// At most this many bytes in one statement: the server refuses a message of 1 GiB, and a batch near it would hold memory three times over.
    static let byteLimit = 256 << 20

    private(set) var bytes: [UInt8] = []

    mutating func reserve(_ count: Int) {
        bytes.reserveCapacity(count)
    }

    mutating func append<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func append(_ more: [UInt8]) throws(UnencodableValue) {
        guard bytes.count + more.count <= Self.byteLimit else { throw .tooLarge }
        bytes.append(contentsOf: more)
    }

    mutating func append(_ text: String) throws(UnencodableValue) {
        guard !text.containsNUL else { throw .nulInText }
        guard bytes.count + text.utf8.count <= Self.byteLimit else { throw .tooLarge }
        bytes.append(contentsOf: text.utf8)
    }

    /// Writes the number of bytes that `body` appends in front of them, in 4 bytes.
    mutating func appendCounted(_ body: (inout ParameterBuffer) throws(UnencodableValue) -> Void) throws(UnencodableValue) {
        let place = bytes.count
        append(Int32(0))
        try body(&self)
        let count = UInt32(bytes.count - place - 4)
        for index in 0..<4 { bytes[place + index] = UInt8(truncatingIfNeeded: count >> (24 - 8 * index)) }
    }
}

extension String {
    /// Whether a NUL is in it, where C would see its end.
    var containsNUL: Bool {
        var text = self
        return text.withUTF8 { characters in
            guard let start = characters.baseAddress else { return false }
            return memchr(start, 0, characters.count) != nil
        }
    }
}
