/// One parameter of a statement, sent in Postgres's binary format with its type declared.
///
/// A type that differs from the column's needs a cast in the SQL (`$1::json`), as the server does not guess. UUIDs are numbers whose
/// big-endian bytes are the UUID's; times are microseconds since 1970 UTC, where `Int64.min` and `Int64.max` are the infinities; JSON is
/// its UTF-8 bytes, checked by the server.
package enum PostgresValue: Sendable {
    /// NULL of whatever type the server infers; each pattern of NULLs in a statement is prepared once of its own.
    case null
    case bool(Bool)
    case int2(Int16)
    case int4(Int32)
    case int8(Int64)
    case double(Double)
    /// Text without NUL, which Postgres cannot store.
    case text(String)
    case bytes([UInt8])
    case uuid(UInt128)
    case timestamp(microsecondsSince1970: Int64)
    case date(PostgresDate)
    case jsonb([UInt8])

    case bools([Bool])
    case int2s([Int16])
    case int4s([Int32])
    case int8s([Int64])
    case texts([String])
    case bytesList([[UInt8]])
    case uuids([UInt128])
    case timestamps([Int64])
    case dates([PostgresDate])
    case jsonbs([[UInt8]])

    case optionalInt4s([Int32?])
    case optionalInt8s([Int64?])
    case optionalTexts([String?])
    case optionalBytesList([[UInt8]?])
    case optionalUUIDs([UInt128?])
    case optionalTimestamps([Int64?])

    /// The value wrapped by a case, or `.null`: `.optional(name, PostgresValue.text)`.
    package static func optional<Wrapped>(_ value: Wrapped?, _ wrap: (Wrapped) -> PostgresValue) -> PostgresValue {
        value.map(wrap) ?? .null
    }
}

extension PostgresValue {
    /// Writes the binary form and answers the type declared for it; nil is NULL.
    func write(to buffer: inout ParameterBuffer) throws(UnencodableValue) -> UInt32? {
        switch self {
        case .null: return nil
        case .bool(let value): return try BoolCodec.writeScalar(value, to: &buffer)
        case .int2(let value): return try Int2Codec.writeScalar(value, to: &buffer)
        case .int4(let value): return try Int4Codec.writeScalar(value, to: &buffer)
        case .int8(let value): return try Int8Codec.writeScalar(value, to: &buffer)
        case .double(let value): return try DoubleCodec.writeScalar(value, to: &buffer)
        case .text(let value): return try TextCodec.writeScalar(value, to: &buffer)
        case .bytes(let value): return try BytesCodec.writeScalar(value, to: &buffer)
        case .uuid(let value): return try UUIDCodec.writeScalar(value, to: &buffer)
        case .timestamp(let value): return try TimestampCodec.writeScalar(value, to: &buffer)
        case .date(let value): return try DateCodec.writeScalar(value, to: &buffer)
        case .jsonb(let value): return try JSONBCodec.writeScalar(value, to: &buffer)
        case .bools(let values): return try BoolCodec.writeArray(values, to: &buffer)
        case .int2s(let values): return try Int2Codec.writeArray(values, to: &buffer)
        case .int4s(let values): return try Int4Codec.writeArray(values, to: &buffer)
        case .int8s(let values): return try Int8Codec.writeArray(values, to: &buffer)
        case .texts(let values): return try TextCodec.writeArray(values, to: &buffer)
        case .bytesList(let values): return try BytesCodec.writeArray(values, to: &buffer)
        case .uuids(let values): return try UUIDCodec.writeArray(values, to: &buffer)
        case .timestamps(let values): return try TimestampCodec.writeArray(values, to: &buffer)
        case .dates(let values): return try DateCodec.writeArray(values, to: &buffer)
        case .jsonbs(let values): return try JSONBCodec.writeArray(values, to: &buffer)
        case .optionalInt4s(let values): return try Int4Codec.writeArray(values, to: &buffer)
        case .optionalInt8s(let values): return try Int8Codec.writeArray(values, to: &buffer)
        case .optionalTexts(let values): return try TextCodec.writeArray(values, to: &buffer)
        case .optionalBytesList(let values): return try BytesCodec.writeArray(values, to: &buffer)
        case .optionalUUIDs(let values): return try UUIDCodec.writeArray(values, to: &buffer)
        case .optionalTimestamps(let values): return try TimestampCodec.writeArray(values, to: &buffer)
        }
    }
}
