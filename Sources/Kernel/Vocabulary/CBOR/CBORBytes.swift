/// The kinds of data items, in the upper three bits of the first byte. Source: RFC 8949 section 3.1.
private enum MajorType: UInt8 {
    case unsigned, negative, bytes, text, array, map, tag, simple
}

/// First bytes of the simple items.
private enum Simple {
    static let no: UInt8 = 0xf4
    static let yes: UInt8 = 0xf5
    static let null: UInt8 = 0xf6
    static let double: UInt8 = 0xfb
}

extension CBORValue {
    /// The one encoding of the item: shortest lengths, maps in order, numbers with a fraction in 64 bits. Source: RFC 8949 section 4.2.
    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return bytes
    }

    private func write(into bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(Simple.null)
        case .bool(let flag): bytes.append(flag ? Simple.yes : Simple.no)
        case .unsigned(let number): Self.head(.unsigned, number, &bytes)
        case .negative(let number): Self.head(.negative, number, &bytes)
        case .double(let number):
            bytes.append(Simple.double)
            Self.append(number.bitPattern, byteCount: 8, &bytes)
        case .bytes(let content):
            Self.head(.bytes, UInt64(content.count), &bytes)
            bytes += content
        case .text(let content): Self.text(content, &bytes)
        case .array(let elements):
            Self.head(.array, UInt64(elements.count), &bytes)
            for element in elements { element.write(into: &bytes) }
        case .map(let members):
            Self.head(.map, UInt64(members.count), &bytes)
            for member in members {
                Self.text(member.name, &bytes)
                member.value.write(into: &bytes)
            }
        }
    }

    private static func text(_ content: String, _ bytes: inout [UInt8]) {
        head(.text, UInt64(content.utf8.count), &bytes)
        bytes += content.utf8
    }

    private static func head(_ type: MajorType, _ argument: UInt64, _ bytes: inout [UInt8]) {
        let type = type.rawValue << 5
        switch argument {
        case 0..<24: bytes.append(type | UInt8(argument))
        case ..<0x100: bytes += [type | 24, UInt8(argument)]
        case ..<0x1_0000:
            bytes.append(type | 25)
            append(argument, byteCount: 2, &bytes)
        case ..<0x1_0000_0000:
            bytes.append(type | 26)
            append(argument, byteCount: 4, &bytes)
        default:
            bytes.append(type | 27)
            append(argument, byteCount: 8, &bytes)
        }
    }

    private static func append(_ number: UInt64, byteCount: Int, _ bytes: inout [UInt8]) {
        for place in (0..<byteCount).reversed() { bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(8 * place))) }
    }

    /// Reads one item and nothing behind it. Throws ``CBORError``.
    package init(parsing bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes: bytes)
        self = try reader.item(depth: 0)
        guard reader.offset == bytes.count else { throw CBORError(offset: reader.offset) }
    }
}

/// Bytes that are not an item as ``CBORValue/encoded`` writes it.
package struct CBORError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where reading stopped.
    package let offset: Int

    package var description: String { "no data item at byte \(offset)" }
}

private struct CBORReader {
    /// Readers are recursive; states are a dozen levels deep.
    private static let depthLimit = 64

    let bytes: [UInt8]
    var offset = 0

    mutating func item(depth: Int) throws(CBORError) -> CBORValue {
        guard depth < Self.depthLimit else { throw CBORError(offset: offset) }
        let first = try byte()
        switch first {
        case Simple.null: return .null
        case Simple.yes: return .bool(true)
        case Simple.no: return .bool(false)
        case Simple.double: return .double(Double(bitPattern: try number(byteCount: 8)))
        default: break
        }
        let argument = try argument(first & 31)
        switch MajorType(rawValue: first >> 5) {
        case .unsigned: return .unsigned(argument)
        case .negative: return .negative(argument)
        case .bytes: return .bytes(Array(try take(argument)))
        case .text: return .text(try text(argument))
        case .array: return .array(try elements(argument, depth: depth))
        case .map: return .map(try members(argument, depth: depth))
        case .tag, .simple, nil: throw CBORError(offset: offset)
        }
    }

    private mutating func elements(_ count: UInt64, depth: Int) throws(CBORError) -> [CBORValue] {
        var elements: [CBORValue] = []
        elements.reserveCapacity(try plausible(count))
        for _ in 0..<count { elements.append(try item(depth: depth + 1)) }
        return elements
    }

    private mutating func members(_ count: UInt64, depth: Int) throws(CBORError) -> [CBORMember] {
        var members: [CBORMember] = []
        members.reserveCapacity(try plausible(count))
        for _ in 0..<count {
            guard try byte() >> 5 == MajorType.text.rawValue else { throw CBORError(offset: offset) }
            let name = try text(try argument(bytes[offset - 1] & 31))
            // Members are looked up by halving, which needs their order.
            if let last = members.last, !CBORMember.precedes(last.name, name) { throw CBORError(offset: offset) }
            members.append(CBORMember(name: name, value: try item(depth: depth + 1)))
        }
        return members
    }

    /// An item takes a byte at least, so a larger count is damage and reserves nothing.
    private func plausible(_ count: UInt64) throws(CBORError) -> Int {
        guard count <= UInt64(bytes.count - offset) else { throw CBORError(offset: offset) }
        return Int(count)
    }

    private mutating func text(_ count: UInt64) throws(CBORError) -> String {
        guard let text = String(validating: try take(count), as: UTF8.self) else { throw CBORError(offset: offset) }
        return text
    }

    private mutating func argument(_ information: UInt8) throws(CBORError) -> UInt64 {
        switch information {
        case 0..<24: return UInt64(information)
        case 24...27: return try number(byteCount: 1 << Int(information - 24))
        default: throw CBORError(offset: offset)
        }
    }

    private mutating func number(byteCount: Int) throws(CBORError) -> UInt64 {
        try take(UInt64(byteCount)).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func byte() throws(CBORError) -> UInt8 {
        guard offset < bytes.count else { throw CBORError(offset: offset) }
        offset += 1
        return bytes[offset - 1]
    }

    private mutating func take(_ count: UInt64) throws(CBORError) -> ArraySlice<UInt8> {
        guard count <= UInt64(bytes.count - offset) else { throw CBORError(offset: offset) }
        offset += Int(count)
        return bytes[offset - Int(count)..<offset]
    }
}
