/// States as bytes: equal values have equal bytes, in every process and release that knows the same members. Source: RFC 8949 section 4.2.
package enum CBOR {
    /// Throws what the value's own coding throws; synthesised coding throws nothing. Cost: some 100 ns a member.
    package static func encode(_ value: some Encodable) throws -> [UInt8] { try item(of: value).encoded }

    /// Throws `DecodingError` or ``CBORError`` for bytes that are no such value.
    package static func decode<Value: Decodable>(_: Value.Type, from bytes: [UInt8]) throws -> Value {
        try CBORDecoding.value(Value.self, of: CBORValue(parsing: bytes), at: [])
    }

    /// Bytes are kept as such and not as a list of numbers.
    static func item<Value: Encodable>(of value: Value, at path: [any CodingKey] = []) throws -> CBORValue {
        if Value.self == [UInt8].self, let bytes = value as? [UInt8] { return .bytes(bytes) }
        let storage = CBORStorage()
        try value.encode(to: CBOREncoding(storage: storage, codingPath: path))
        return storage.value
    }
}

/// What an encoder was given so far. Containers are views of it, so that nested ones may be filled after their parent was left.
private final class CBORStorage {
    enum Item {
        case value(CBORValue)
        case nested(CBORStorage)

        var value: CBORValue {
            switch self {
            case .value(let value): value
            case .nested(let storage): storage.value
            }
        }
    }

    enum Content {
        case single(CBORValue)
        case list([Item])
        case members([(name: String, item: Item)])
    }

    var content = Content.members([])

    var value: CBORValue {
        switch content {
        case .single(let value): value
        case .list(let items): .array(items.map(\.value))
        case .members(let members): .map(of: members.map { CBORMember(name: $0.name, value: $0.item.value) })
        }
    }

    var count: Int { if case .list(let items) = content { items.count } else { 0 } }

    func append(_ item: Item) {
        guard case .list(var items) = content else { return content = .list([item]) }
        // Let go of before it is changed, or the list would be copied with every element.
        content = .list([])
        items.append(item)
        content = .list(items)
    }

    func set(_ name: String, _ item: Item) {
        guard case .members(var members) = content else { return content = .members([(name, item)]) }
        content = .members([])
        members.append((name, item))
        content = .members(members)
    }
}

private struct CBOREncoding: Encoder {
    let storage: CBORStorage
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy _: Key.Type) -> KeyedEncodingContainer<Key> {
        storage.content = .members([])
        return KeyedEncodingContainer(MemberEncoding(storage: storage, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        storage.content = .list([])
        return ElementEncoding(storage: storage, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { ValueEncoding(storage: storage, codingPath: codingPath) }
}

private struct MemberEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let storage: CBORStorage
    let codingPath: [any CodingKey]

    func encodeNil(forKey key: Key) { storage.set(key.stringValue, .value(.null)) }

    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        storage.set(key.stringValue, .value(try CBOR.item(of: value, at: codingPath + [key])))
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested> {
        nested(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { nested(key).unkeyedContainer() }
    func superEncoder() -> any Encoder { nested(named: "super", codingPath) }
    func superEncoder(forKey key: Key) -> any Encoder { nested(key) }

    private func nested(_ key: Key) -> CBOREncoding { nested(named: key.stringValue, codingPath + [key]) }

    private func nested(named name: String, _ path: [any CodingKey]) -> CBOREncoding {
        let nested = CBORStorage()
        storage.set(name, .nested(nested))
        return CBOREncoding(storage: nested, codingPath: path)
    }
}

private struct ElementEncoding: UnkeyedEncodingContainer {
    let storage: CBORStorage
    let codingPath: [any CodingKey]
    var count: Int { storage.count }

    func encodeNil() { storage.append(.value(.null)) }
    func encode<Value: Encodable>(_ value: Value) throws { storage.append(.value(try CBOR.item(of: value, at: codingPath))) }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> { nested().container(keyedBy: type) }
    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { nested().unkeyedContainer() }
    func superEncoder() -> any Encoder { nested() }

    private func nested() -> CBOREncoding {
        let nested = CBORStorage()
        storage.append(.nested(nested))
        return CBOREncoding(storage: nested, codingPath: codingPath)
    }
}

private struct ValueEncoding: SingleValueEncodingContainer {
    let storage: CBORStorage
    let codingPath: [any CodingKey]

    func encodeNil() { set(.null) }
    func encode(_ value: Bool) { set(.bool(value)) }
    func encode(_ value: String) { set(.text(value)) }
    func encode(_ value: Double) { set(.double(value)) }
    func encode(_ value: Float) { set(.double(Double(value))) }
    func encode(_ value: Int) { set(.integer(value)) }
    func encode(_ value: Int8) { set(.integer(value)) }
    func encode(_ value: Int16) { set(.integer(value)) }
    func encode(_ value: Int32) { set(.integer(value)) }
    func encode(_ value: Int64) { set(.integer(value)) }
    func encode(_ value: UInt) { set(.integer(value)) }
    func encode(_ value: UInt8) { set(.integer(value)) }
    func encode(_ value: UInt16) { set(.integer(value)) }
    func encode(_ value: UInt32) { set(.integer(value)) }
    func encode(_ value: UInt64) { set(.integer(value)) }
    func encode<Value: Encodable>(_ value: Value) throws { set(try CBOR.item(of: value, at: codingPath)) }

    private func set(_ value: CBORValue) { storage.content = .single(value) }
}
