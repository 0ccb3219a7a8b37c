/// `bool`: one byte, 0 or 1.
enum BoolCodec: BinaryCodec {
    static let type = PostgresType.bool
    static func write(_ value: Bool, to buffer: inout ParameterBuffer) { buffer.append(UInt8(value ? 1 : 0)) }
    static func read(_ bytes: UnsafeRawBufferPointer) -> Bool? { BinaryReader.only(bytes, as: UInt8.self).map { $0 != 0 } }
}

/// `int2`: two bytes.
enum Int2Codec: BinaryCodec {
    static let type = PostgresType.int2
    static func write(_ value: Int16, to buffer: inout ParameterBuffer) { buffer.append(value) }
    static func read(_ bytes: UnsafeRawBufferPointer) -> Int16? { BinaryReader.only(bytes, as: Int16.self) }
}

/// `int4`: four bytes.
enum Int4Codec: BinaryCodec {
    static let type = PostgresType.int4
    static func write(_ value: Int32, to buffer: inout ParameterBuffer) { buffer.append(value) }
    static func read(_ bytes: UnsafeRawBufferPointer) -> Int32? { BinaryReader.only(bytes, as: Int32.self) }
}

/// `int8`: eight bytes.
enum Int8Codec: BinaryCodec {
    static let type = PostgresType.int8
    static func write(_ value: Int64, to buffer: inout ParameterBuffer) { buffer.append(value) }
    static func read(_ bytes: UnsafeRawBufferPointer) -> Int64? { BinaryReader.only(bytes, as: Int64.self) }
}

/// `float8`: the eight bytes of IEEE 754.
enum DoubleCodec: BinaryCodec {
    static let type = PostgresType.double
    static func write(_ value: Double, to buffer: inout ParameterBuffer) { buffer.append(value.bitPattern) }
    static func read(_ bytes: UnsafeRawBufferPointer) -> Double? { BinaryReader.only(bytes, as: UInt64.self).map { Double(bitPattern: $0) } }
}

/// `text` and the types that look like it, enumerations of users among them: the characters in UTF-8.
enum TextCodec: BinaryCodec {
    static let type = PostgresType.text
    static func accepts(typeID: UInt32) -> Bool { PostgresType.characterIDs.contains(typeID) || typeID >= PostgresType.firstUserTypeID }
    static func accepts(arrayTypeID: UInt32) -> Bool {
        PostgresType.characterArrayIDs.contains(arrayTypeID) || arrayTypeID >= PostgresType.firstUserTypeID
    }
    static func write(_ value: String, to buffer: inout ParameterBuffer) throws(UnencodableValue) { try buffer.append(value) }
    static func read(_ bytes: UnsafeRawBufferPointer) -> String? {
        // ASCII, which most texts are, takes the quick way: the library validates byte by byte.
        guard bytes.allSatisfy({ $0 < 0x80 }) else { return String(validating: bytes, as: UTF8.self) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// `bytea`: the bytes.
enum BytesCodec: BinaryCodec {
    static let type = PostgresType.bytea
    static func write(_ value: [UInt8], to buffer: inout ParameterBuffer) throws(UnencodableValue) { try buffer.append(value) }
    static func read(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? { [UInt8](bytes) }
}

/// `uuid`: sixteen bytes.
enum UUIDCodec: BinaryCodec {
    static let type = PostgresType.uuid
    static func write(_ value: UInt128, to buffer: inout ParameterBuffer) { buffer.append(value) }
    static func read(_ bytes: UnsafeRawBufferPointer) -> UInt128? { BinaryReader.only(bytes, as: UInt128.self) }
}

/// `timestamptz` (and, when read, `timestamp`): microseconds since 2000, the two ends of the range being the infinities.
enum TimestampCodec: BinaryCodec {
    static let type = PostgresType.timestamp
    static let microsecondsFrom1970To2000: Int64 = 946_684_800_000_000

    static func accepts(typeID: UInt32) -> Bool { typeID == type.id || typeID == PostgresType.plainTimestampID }

    static func write(_ value: Int64, to buffer: inout ParameterBuffer) throws(UnencodableValue) {
        guard value != .min, value != .max else { return buffer.append(value) }
        let (moved, isOutOfRange) = value.subtractingReportingOverflow(microsecondsFrom1970To2000)
        guard !isOutOfRange, moved != .min else { throw .timeOutOfRange }
        buffer.append(moved)
    }

    static func read(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        guard let value = BinaryReader.only(bytes, as: Int64.self) else { return nil }
        guard value != .min, value != .max else { return value }
        let (moved, isOutOfRange) = value.addingReportingOverflow(microsecondsFrom1970To2000)
        return isOutOfRange ? nil : moved
    }
}

/// `date`: days since 2000 in four bytes.
enum DateCodec: BinaryCodec {
    static let type = PostgresType.date
    static func write(_ value: PostgresDate, to buffer: inout ParameterBuffer) { buffer.append(value.daysSince2000) }
    static func read(_ bytes: UnsafeRawBufferPointer) -> PostgresDate? {
        BinaryReader.only(bytes, as: Int32.self).map(PostgresDate.init(daysSince2000:))
    }
}

/// `jsonb`: a version byte, always 1, then JSON text.
enum JSONBCodec: BinaryCodec {
    static let type = PostgresType.jsonb
    static let version: UInt8 = 1

    static func write(_ value: [UInt8], to buffer: inout ParameterBuffer) throws(UnencodableValue) {
        buffer.append(version)
        try buffer.append(value)
    }

    static func read(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        bytes.first == version ? [UInt8](bytes.dropFirst()) : nil
    }
}
