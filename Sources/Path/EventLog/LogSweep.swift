import PostgresDriver
import Vocabulary

/// Removes what is of no more use: old heads, state values that have expired, keys that nobody will send again.
package struct LogSweep: Sendable {
    /// Rows that somebody is changing are left to the next sweep; a value that is written anew has not expired any more.
    package static let expiredState = """
        delete from state_values where ctid = any (array(
          select ctid from state_values where expires_at < statement_timestamp() limit $1 for update skip locked))
        """

    /// Keys done longer ago than `$2` microseconds.
    package static let forgottenKeys = """
        delete from inbox where ctid = any (array(
          select ctid from inbox where state = 2 and done_at < statement_timestamp() - $2 * interval '1 us' limit $1 for update skip locked))
        """

    let pool: PostgresPool
    let keyRetention: Duration
    let batchRows: Int32

    func run() async throws(PostgresError) {
        _ = try await pool.query("select prune_slice_log()")
        try await remove(Self.expiredState, [])
        try await remove(Self.forgottenKeys, [.double(Double(keyRetention.microseconds))])
    }

    /// Batch after batch, until one is not full.
    private func remove(_ statement: String, _ parameters: [PostgresValue]) async throws(PostgresError) {
        while try await pool.query(statement, [.int4(batchRows)] + parameters).affectedRowCount == Int(batchRows) {}
    }
}
