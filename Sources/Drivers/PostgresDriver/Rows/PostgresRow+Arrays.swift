/// Readers of arrays of one dimension; the array itself may not be NULL, and no element may.
extension PostgresRow {
    /// A `bool[]` without NULLs.
    package func bools(_ column: Int) throws(PostgresError) -> [Bool] { try elements(column, BoolCodec.self) }

    /// A `int2[]` without NULLs.
    package func int2s(_ column: Int) throws(PostgresError) -> [Int16] { try elements(column, Int2Codec.self) }

    /// A `int4[]` without NULLs.
    package func int4s(_ column: Int) throws(PostgresError) -> [Int32] { try elements(column, Int4Codec.self) }

    /// A `int8[]` without NULLs.
    package func int8s(_ column: Int) throws(PostgresError) -> [Int64] { try elements(column, Int8Codec.self) }

    /// A `text[]` without NULLs.
    package func texts(_ column: Int) throws(PostgresError) -> [String] { try elements(column, TextCodec.self) }

    /// A `bytea[]` without NULLs.
    package func bytesList(_ column: Int) throws(PostgresError) -> [[UInt8]] { try elements(column, BytesCodec.self) }

    /// A `uuid[]` without NULLs.
    package func uuids(_ column: Int) throws(PostgresError) -> [UInt128] { try elements(column, UUIDCodec.self) }

    /// A `timestamptz[]` without NULLs.
    package func timestamps(_ column: Int) throws(PostgresError) -> [Int64] { try elements(column, TimestampCodec.self) }

    /// A `date[]` without NULLs.
    package func dates(_ column: Int) throws(PostgresError) -> [PostgresDate] { try elements(column, DateCodec.self) }

    /// A `jsonb[]` without NULLs.
    package func jsonbs(_ column: Int) throws(PostgresError) -> [[UInt8]] { try elements(column, JSONBCodec.self) }
}

/// Readers of arrays of one dimension whose elements may be NULL, which is nil.
extension PostgresRow {
    /// A `int4[]`.
    package func optionalInt4s(_ column: Int) throws(PostgresError) -> [Int32?] { try optionalElements(column, Int4Codec.self) }

    /// A `int8[]`.
    package func optionalInt8s(_ column: Int) throws(PostgresError) -> [Int64?] { try optionalElements(column, Int8Codec.self) }

    /// A `text[]`.
    package func optionalTexts(_ column: Int) throws(PostgresError) -> [String?] { try optionalElements(column, TextCodec.self) }

    /// A `bytea[]`.
    package func optionalBytesList(_ column: Int) throws(PostgresError) -> [[UInt8]?] { try optionalElements(column, BytesCodec.self) }

    /// A `uuid[]`.
    package func optionalUUIDs(_ column: Int) throws(PostgresError) -> [UInt128?] { try optionalElements(column, UUIDCodec.self) }

    /// A `timestamptz[]`.
    package func optionalTimestamps(_ column: Int) throws(PostgresError) -> [Int64?] { try optionalElements(column, TimestampCodec.self) }
}
