/// Reads a value's members from a data item.
struct CBORDecoding: Decoder {
    let item: CBORValue
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    static func value<Value: Decodable>(_ type: Value.Type, of item: CBORValue, at path: [any CodingKey]) throws -> Value {
        if Value.self == [UInt8].self, case .bytes(let bytes) = item, let value = bytes as? Value { return value }
        return try type.init(from: CBORDecoding(item: item, codingPath: path))
    }

    func container<Key: CodingKey>(keyedBy _: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .map(let members) = item else { throw mismatch("a map") }
        return KeyedDecodingContainer(MemberDecoding(item: item, members: members, codingPath: codingPath))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = item else { throw mismatch("a list") }
        return ElementDecoding(elements: elements, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { ValueDecoding(decoding: self) }

    func mismatch(_ wanted: String) -> DecodingError {
        .dataCorrupted(DecodingError.Context(codingPath: codingPath, debugDescription: "is not \(wanted)"))
    }
}

private struct MemberDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let item: CBORValue
    let members: [CBORMember]
    let codingPath: [any CodingKey]

    var allKeys: [Key] { members.compactMap { Key(stringValue: $0.name) } }
    func contains(_ key: Key) -> Bool { item[key.stringValue] != nil }
    func decodeNil(forKey key: Key) throws -> Bool { try member(key) == .null }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try CBORDecoding.value(type, of: try member(key), at: codingPath + [key])
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws -> KeyedDecodingContainer<Nested> {
        try nested(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { try nested(key).unkeyedContainer() }
    func superDecoder() throws -> any Decoder { CBORDecoding(item: item["super"] ?? .null, codingPath: codingPath) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try nested(key) }

    private func nested(_ key: Key) throws -> CBORDecoding { CBORDecoding(item: try member(key), codingPath: codingPath + [key]) }

    private func member(_ key: Key) throws -> CBORValue {
        guard let value = item[key.stringValue] else {
            throw DecodingError.keyNotFound(key, DecodingError.Context(codingPath: codingPath, debugDescription: "is missing"))
        }
        return value
    }
}

private struct ElementDecoding: UnkeyedDecodingContainer {
    let elements: [CBORValue]
    let codingPath: [any CodingKey]
    var currentIndex = 0

    init(elements: [CBORValue], codingPath: [any CodingKey]) {
        self.elements = elements
        self.codingPath = codingPath
    }

    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex == elements.count }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, elements[currentIndex] == .null else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try CBORDecoding.value(type, of: try next(), at: codingPath) }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested> {
        try CBORDecoding(item: try next(), codingPath: codingPath).container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try CBORDecoding(item: try next(), codingPath: codingPath).unkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder { CBORDecoding(item: try next(), codingPath: codingPath) }

    private mutating func next() throws -> CBORValue {
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(
                CBORValue.self, DecodingError.Context(codingPath: codingPath, debugDescription: "the list has no more elements"))
        }
        currentIndex += 1
        return elements[currentIndex - 1]
    }
}

private struct ValueDecoding: SingleValueDecodingContainer {
    let decoding: CBORDecoding
    var codingPath: [any CodingKey] { decoding.codingPath }

    func decodeNil() -> Bool { decoding.item == .null }

    func decode(_: Bool.Type) throws -> Bool {
        guard case .bool(let flag) = decoding.item else { throw decoding.mismatch("true or false") }
        return flag
    }

    func decode(_: String.Type) throws -> String {
        guard case .text(let text) = decoding.item else { throw decoding.mismatch("a text") }
        return text
    }

    func decode(_: Double.Type) throws -> Double {
        guard case .double(let number) = decoding.item else { throw decoding.mismatch("a number with a fraction") }
        return number
    }

    func decode(_: Float.Type) throws -> Float { Float(try decode(Double.self)) }
    func decode(_: Int.Type) throws -> Int { try integer() }
    func decode(_: Int8.Type) throws -> Int8 { try integer() }
    func decode(_: Int16.Type) throws -> Int16 { try integer() }
    func decode(_: Int32.Type) throws -> Int32 { try integer() }
    func decode(_: Int64.Type) throws -> Int64 { try integer() }
    func decode(_: UInt.Type) throws -> UInt { try integer() }
    func decode(_: UInt8.Type) throws -> UInt8 { try integer() }
    func decode(_: UInt16.Type) throws -> UInt16 { try integer() }
    func decode(_: UInt32.Type) throws -> UInt32 { try integer() }
    func decode(_: UInt64.Type) throws -> UInt64 { try integer() }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try CBORDecoding.value(type, of: decoding.item, at: codingPath) }

    private func integer<Number: FixedWidthInteger>() throws -> Number {
        switch decoding.item {
        case .unsigned(let number): if let number = Number(exactly: number) { return number }
        case .negative(let number): if let number = Int64(exactly: number).flatMap({ Number(exactly: -1 - $0) }) { return number }
        default: break
        }
        throw decoding.mismatch("an integer that fits")
    }
}
