/// One row. Values are read by column, counted from 0, in the type that the column has.
///
/// Each reader throws `.decoding` when the column does not exist, has another type, or is NULL; the `optional…` readers answer nil for NULL.
/// Cost: one copy for text, bytes and JSON, none otherwise.
package struct PostgresRow: Sendable {
    private let result: ResultHandle
    private let index: Int

    init(result: ResultHandle, index: Int) {
        self.result = result
        self.index = index
    }

    func value<Codec: BinaryCodec>(_ column: Int, _ codec: Codec.Type) throws(PostgresError) -> Codec.Value {
        guard let value = try optionalValue(column, codec) else { throw Self.unexpectedNull(column) }
        return value
    }

    func optionalValue<Codec: BinaryCodec>(_ column: Int, _: Codec.Type) throws(PostgresError) -> Codec.Value? {
        let typeID = try typeID(column)
        guard Codec.accepts(typeID: typeID) else { throw Self.mismatch(column, typeID, Codec.type.name) }
        guard let bytes = result.bytes(row: index, column: column) else { return nil }
        guard let value = withExtendedLifetime(result, { Codec.read(bytes) }) else { throw Self.mismatch(column, typeID, Codec.type.name) }
        return value
    }

    func elements<Codec: BinaryCodec>(_ column: Int, _ codec: Codec.Type) throws(PostgresError) -> [Codec.Value] {
        let elements = try optionalElements(column, codec)
        let values = elements.compactMap { $0 }
        guard values.count == elements.count else { throw Self.unexpectedNull(column) }
        return values
    }

    func optionalElements<Codec: BinaryCodec>(_ column: Int, _: Codec.Type) throws(PostgresError) -> [Codec.Value?] {
        let typeID = try typeID(column)
        guard Codec.accepts(arrayTypeID: typeID) else { throw Self.mismatch(column, typeID, "\(Codec.type.name)[]") }
        guard let bytes = result.bytes(row: index, column: column) else { throw Self.unexpectedNull(column) }
        guard let elements = withExtendedLifetime(result, { Codec.readArray(bytes) }) else {
            throw Self.mismatch(column, typeID, "\(Codec.type.name)[] of one dimension")
        }
        return elements
    }

    private func typeID(_ column: Int) throws(PostgresError) -> UInt32 {
        guard (0..<result.columnCount).contains(column) else {
            throw PostgresError(.decoding(column: column), reason: "the result has \(result.columnCount) columns")
        }
        return result.typeID(column: column)
    }

    private static func mismatch(_ column: Int, _ typeID: UInt32, _ wanted: String) -> PostgresError {
        PostgresError(.decoding(column: column), reason: "type \(typeID) is not a readable \(wanted)")
    }

    private static func unexpectedNull(_ column: Int) -> PostgresError {
        PostgresError(.decoding(column: column), reason: "it is NULL")
    }
}
