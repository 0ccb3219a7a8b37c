/// Readers of single values.
extension PostgresRow {
    /// A `bool`.
    package func bool(_ column: Int) throws(PostgresError) -> Bool { try value(column, BoolCodec.self) }

    /// An `int2`.
    package func int2(_ column: Int) throws(PostgresError) -> Int16 { try value(column, Int2Codec.self) }

    /// An `int4`.
    package func int4(_ column: Int) throws(PostgresError) -> Int32 { try value(column, Int4Codec.self) }

    /// An `int8`, which `count(*)` is too.
    package func int8(_ column: Int) throws(PostgresError) -> Int64 { try value(column, Int8Codec.self) }

    /// A `float8`.
    package func double(_ column: Int) throws(PostgresError) -> Double { try value(column, DoubleCodec.self) }

    /// Text of any kind: `text`, `varchar`, `name`, `json`, or a user's enumeration by its label.
    package func text(_ column: Int) throws(PostgresError) -> String { try value(column, TextCodec.self) }

    /// A `bytea`.
    package func bytes(_ column: Int) throws(PostgresError) -> [UInt8] { try value(column, BytesCodec.self) }

    /// A `uuid` as the number that its 16 bytes are, big-endian.
    package func uuid(_ column: Int) throws(PostgresError) -> UInt128 { try value(column, UUIDCodec.self) }

    /// A `timestamptz` or `timestamp` in microseconds since 1970 UTC; `Int64.min` and `Int64.max` are the infinities.
    package func timestamp(_ column: Int) throws(PostgresError) -> Int64 { try value(column, TimestampCodec.self) }

    /// A `date`.
    package func date(_ column: Int) throws(PostgresError) -> PostgresDate { try value(column, DateCodec.self) }

    /// A `jsonb` as its JSON text in UTF-8.
    package func jsonb(_ column: Int) throws(PostgresError) -> [UInt8] { try value(column, JSONBCodec.self) }
}

/// Readers of single values that may be NULL, which is nil.
extension PostgresRow {
    /// Like `int4`, nil for NULL.
    package func optionalInt4(_ column: Int) throws(PostgresError) -> Int32? { try optionalValue(column, Int4Codec.self) }

    /// Like `int8`, nil for NULL.
    package func optionalInt8(_ column: Int) throws(PostgresError) -> Int64? { try optionalValue(column, Int8Codec.self) }

    /// Like `text`, nil for NULL.
    package func optionalText(_ column: Int) throws(PostgresError) -> String? { try optionalValue(column, TextCodec.self) }

    /// Like `bytes`, nil for NULL.
    package func optionalBytes(_ column: Int) throws(PostgresError) -> [UInt8]? { try optionalValue(column, BytesCodec.self) }

    /// Like `uuid`, nil for NULL.
    package func optionalUUID(_ column: Int) throws(PostgresError) -> UInt128? { try optionalValue(column, UUIDCodec.self) }

    /// Like `timestamp`, nil for NULL.
    package func optionalTimestamp(_ column: Int) throws(PostgresError) -> Int64? { try optionalValue(column, TimestampCodec.self) }

    /// Like `jsonb`, nil for NULL.
    package func optionalJSONB(_ column: Int) throws(PostgresError) -> [UInt8]? { try optionalValue(column, JSONBCodec.self) }
}
