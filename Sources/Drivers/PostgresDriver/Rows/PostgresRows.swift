/// The rows one statement answered with, in the server's order; indexes count from 0.
///
/// They share the memory of the result they came in, which is freed with the last copy of any of them.
package struct PostgresRows: Sendable, RandomAccessCollection {
    private let result: ResultHandle

    /// The rows that an insert, update, delete or select touched; 0 for other commands.
    package let affectedRowCount: Int

    package let startIndex = 0

    package let endIndex: Int

    init(result: ResultHandle) {
        self.result = result
        affectedRowCount = result.affectedRowCount
        endIndex = result.rowCount
    }

    /// The columns of each row.
    package var columnCount: Int { result.columnCount }

    /// The row at this place; O(1).
    package subscript(position: Int) -> PostgresRow {
        precondition(indices.contains(position), "row \(position) of \(count)")
        return PostgresRow(result: result, index: position)
    }

    /// Whether a `commit` was answered as one: of a failed transaction the server makes a rollback, without an error.
    var isRollback: Bool { result.commandTag == "ROLLBACK" }
}
