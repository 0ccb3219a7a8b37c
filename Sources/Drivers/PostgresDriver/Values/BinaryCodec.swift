/// The binary form of one Postgres type, in both directions; arrays of it follow from it.
///
/// Source: the `…send` and `…recv` functions of the PostgreSQL 15 server.
protocol BinaryCodec {
    associatedtype Value: Sendable

    static var type: PostgresType { get }

    /// Whether a column with this type id has the form that `read` expects.
    static func accepts(typeID: UInt32) -> Bool

    /// Whether an array column with this type id has elements of the form that `read` expects.
    static func accepts(arrayTypeID: UInt32) -> Bool

    static func write(_ value: Value, to buffer: inout ParameterBuffer) throws(UnencodableValue)

    /// The value, or nil if the bytes are not of this type.
    static func read(_ bytes: UnsafeRawBufferPointer) -> Value?
}

extension BinaryCodec {
    static func accepts(typeID: UInt32) -> Bool { typeID == type.id }

    static func accepts(arrayTypeID: UInt32) -> Bool { arrayTypeID == type.arrayID }

    static func writeScalar(_ value: Value, to buffer: inout ParameterBuffer) throws(UnencodableValue) -> UInt32 {
        try write(value, to: &buffer)
        return type.id
    }

    static func writeArray(_ values: [Value], to buffer: inout ParameterBuffer) throws(UnencodableValue) -> UInt32 {
        writeArrayHeader(count: values.count, hasNulls: false, to: &buffer)
        for value in values { try writeElement(value, to: &buffer) }
        return type.arrayID
    }

    static func writeArray(_ values: [Value?], to buffer: inout ParameterBuffer) throws(UnencodableValue) -> UInt32 {
        writeArrayHeader(count: values.count, hasNulls: values.contains { $0 == nil }, to: &buffer)
        for value in values {
            if let value { try writeElement(value, to: &buffer) } else { buffer.append(Int32(-1)) }
        }
        return type.arrayID
    }

    /// Source: `array_recv`: dimensions, flag for NULLs, element type, then length and lower bound of the only dimension.
    private static func writeArrayHeader(count: Int, hasNulls: Bool, to buffer: inout ParameterBuffer) {
        buffer.append(Int32(count == 0 ? 0 : 1))
        buffer.append(Int32(hasNulls ? 1 : 0))
        buffer.append(type.id)
        guard count > 0 else { return }
        buffer.append(Int32(clamping: count))
        buffer.append(Int32(1))
    }

    private static func writeElement(_ value: Value, to buffer: inout ParameterBuffer) throws(UnencodableValue) {
        try buffer.appendCounted { (buffer) throws(UnencodableValue) in try write(value, to: &buffer) }
    }

    /// The elements of an array of one dimension, or nil if the bytes are not one.
    static func readArray(_ bytes: UnsafeRawBufferPointer) -> [Value?]? {
        var reader = BinaryReader(bytes)
        guard let dimensions = reader.integer(Int32.self), reader.integer(Int32.self) != nil, reader.integer(UInt32.self) != nil else { return nil }
        guard dimensions != 0 else { return [] }
        guard dimensions == 1, let count = reader.integer(Int32.self), count >= 0, reader.integer(Int32.self) != nil else { return nil }
        // Each element takes 4 bytes at least, so a wrong count cannot ask for more memory than the result has.
        guard Int(count) <= bytes.count / 4 else { return nil }
        var elements: [Value?] = []
        elements.reserveCapacity(Int(count))
        for _ in 0..<count {
            guard let length = reader.integer(Int32.self) else { return nil }
            if length == -1 {
                elements.append(nil)
            } else {
                guard let slice = reader.bytes(Int(length)), let element = read(slice) else { return nil }
                elements.append(element)
            }
        }
        return elements
    }
}

/// Reads big-endian numbers and counted bytes from a result's memory without ever leaving it.
struct BinaryReader {
    private var rest: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) {
        rest = bytes
    }

    mutating func bytes(_ count: Int) -> UnsafeRawBufferPointer? {
        guard count >= 0, count <= rest.count else { return nil }
        defer { rest = UnsafeRawBufferPointer(rebasing: rest[count...]) }
        return UnsafeRawBufferPointer(rebasing: rest[..<count])
    }

    mutating func integer<Number: FixedWidthInteger>(_: Number.Type) -> Number? {
        bytes(MemoryLayout<Number>.size).map { Number(bigEndian: $0.loadUnaligned(as: Number.self)) }
    }

    /// The number that these bytes are and nothing else, or nil.
    static func only<Number: FixedWidthInteger>(_ bytes: UnsafeRawBufferPointer, as _: Number.Type) -> Number? {
        guard bytes.count == MemoryLayout<Number>.size else { return nil }
        return Number(bigEndian: bytes.loadUnaligned(as: Number.self))
    }
}
