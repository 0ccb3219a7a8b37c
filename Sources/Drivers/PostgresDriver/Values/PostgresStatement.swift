/// One SQL statement with its parameters `$1`, `$2`, …
package struct PostgresStatement: Sendable {
    /// Static text with one statement; it is prepared once per connection, so values belong into the parameters.
    package let sql: String

    /// At most 65,535 values, the first of which is `$1`.
    package let parameters: [PostgresValue]

    /// A statement and its parameters; nothing is checked before it is sent.
    package init(_ sql: String, _ parameters: [PostgresValue] = []) {
        self.sql = sql
        self.parameters = parameters
    }
}

/// A statement as it goes over the wire: its parameters in one buffer.
struct EncodedStatement: Sendable {
    /// What the protocol can count. Source: PostgreSQL manual, "Message Formats", Bind.
    static let parameterLimit = 65_535

    let key: StatementCache.Key
    private let lengths: [Int32?]
    private let buffer: ParameterBuffer

    var sql: String { key.sql }
    var types: [UInt32] { key.types }

    init(_ sql: String, _ parameters: [PostgresValue] = []) throws(PostgresError) {
        guard !sql.containsNUL else { throw PostgresError(.invalidUse, reason: "the statement holds a NUL character") }
        guard parameters.count <= Self.parameterLimit else {
            throw PostgresError(.invalidUse, reason: "\(parameters.count) parameters, at most \(Self.parameterLimit) are possible")
        }
        var types: [UInt32] = []
        var lengths: [Int32?] = []
        var buffer = ParameterBuffer()
        types.reserveCapacity(parameters.count)
        lengths.reserveCapacity(parameters.count)
        for (index, parameter) in parameters.enumerated() {
            let start = buffer.bytes.count
            do {
                let type = try parameter.write(to: &buffer)
                types.append(type ?? PostgresType.inferredID)
                lengths.append(type == nil ? nil : Int32(buffer.bytes.count - start))
            } catch {
                throw PostgresError(.invalidParameter(index: index), reason: error.reason)
            }
        }
        // libpq takes a null pointer for NULL, and an empty array may have no address: one byte gives every empty value one.
        buffer.append(UInt8(0))
        self.key = StatementCache.Key(sql: sql, types: types)
        self.lengths = lengths
        self.buffer = buffer
    }

    init(_ statement: PostgresStatement) throws(PostgresError) {
        try self.init(statement.sql, statement.parameters)
    }

    /// The arrays that libpq asks for; the pointers live as long as `body`.
    func withPointers<Result>(_ body: (_ values: [UnsafePointer<CChar>?], _ lengths: [Int32], _ formats: [Int32]) -> Result) -> Result {
        let binary: Int32 = 1
        return buffer.bytes.withUnsafeBytes { bytes in
            var values: [UnsafePointer<CChar>?] = []
            values.reserveCapacity(lengths.count)
            var offset = 0
            for length in lengths {
                values.append(length == nil ? nil : bytes.baseAddress?.advanced(by: offset).assumingMemoryBound(to: CChar.self))
                offset += Int(length ?? 0)
            }
            return body(values, lengths.map { $0 ?? 0 }, [Int32](repeating: binary, count: lengths.count))
        }
    }
}
