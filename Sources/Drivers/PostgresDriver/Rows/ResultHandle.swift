import CPostgres

/// Owns one libpq result and frees it exactly once. Source: libpq manual, "PQclear".
///
/// `@unchecked Sendable`: the result is complete before this object is made and only read afterwards.
final class ResultHandle: @unchecked Sendable {
    private let pointer: OpaquePointer

    init(taking pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        PQclear(pointer)
    }

    var status: ExecStatusType { PQresultStatus(pointer) }
    var rowCount: Int { Int(PQntuples(pointer)) }
    var columnCount: Int { Int(PQnfields(pointer)) }

    /// The command as the server names it, with its count: `INSERT 0 3`, `COMMIT`.
    var commandTag: String { PQcmdStatus(pointer).map { String(cString: $0) } ?? "" }

    /// The rows that an insert, update, delete or select touched; 0 for other commands.
    var affectedRowCount: Int { PQcmdTuples(pointer).flatMap { Int(String(cString: $0)) } ?? 0 }

    func typeID(column: Int) -> UInt32 {
        PQftype(pointer, Int32(column))
    }

    /// The value's bytes, nil for NULL; they live as long as this object.
    func bytes(row: Int, column: Int) -> UnsafeRawBufferPointer? {
        let (row, column) = (Int32(row), Int32(column))
        guard PQgetisnull(pointer, row, column) == 0 else { return nil }
        return UnsafeRawBufferPointer(start: PQgetvalue(pointer, row, column), count: Int(PQgetlength(pointer, row, column)))
    }

    /// The rows, or why there are none.
    var outcome: Result<PostgresRows, PostgresError> {
        switch status {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: .success(PostgresRows(result: self))
        case PGRES_FATAL_ERROR: .failure(error)
        default: .failure(PostgresError(.invalidUse, reason: "COPY and streaming are not supported"))
        }
    }

    /// The server's report; one without SQLSTATE comes from libpq itself and means that the connection broke.
    var error: PostgresError {
        guard let sqlState = field(postgres_field_sqlstate) else {
            return PostgresError(.connectionLost(outcomeUnknown: true), serverText: PQresultErrorMessage(pointer).map { String(cString: $0) })
        }
        let parts = [
            field(postgres_field_severity), field(postgres_field_message), field(postgres_field_detail), field(postgres_field_hint),
            field(postgres_field_position).map { "at character \($0)" }, field(postgres_field_context),
        ]
        return PostgresError(
            .server(sqlState: sqlState, constraint: field(postgres_field_constraint)), serverText: parts.compactMap { $0 }.joined(separator: "; "))
    }

    private func field(_ code: Int32) -> String? {
        PQresultErrorField(pointer, code).map { String(cString: $0) }
    }
}
