import PostgresDriver
import Vocabulary

/// Removes what is of no more use: old heads, expired state values, parcels nobody fetched, keys that nobody will send again, snapshots of what
/// has ended.
package struct LogSweep: Sendable {
    /// Rows that somebody is changing are left to the next sweep; a value that is written anew has not expired any more.
    package static let expiredState = """
        delete from state_values where ctid = any (array(
          select ctid from state_values where expires_at < statement_timestamp() limit $1 for update skip locked))
        """

    /// What one node left for another who never came.
    package static let strayParcels = """
        delete from parcels where ctid = any (array(
          select ctid from parcels where created_at < statement_timestamp() - interval '10 minutes' limit $1 for update skip locked))
        """

    /// Keys done longer ago than `$2` microseconds.
    package static let forgottenKeys = """
        delete from inbox where ctid = any (array(
          select ctid from inbox where state = 2 and done_at < statement_timestamp() - $2 * interval '1 us' limit $1 for update skip locked))
        """

    /// Snapshots of streams that pass, as runs do, and have no work left: nobody loads them any more but to look at the past, which can do
    /// without. Older than `$2` microseconds, so that what has just ended is not asked again for nothing.
    package static let endedSnapshots = """
        delete from snapshots where ctid = any (array(
          select s.ctid from snapshots s join streams t on t.slice = s.slice and t.stream_id = s.stream_id
          where t.era <> '-infinity' and s.recorded_at < statement_timestamp() - $2 * interval '1 us'
            and not exists (select from jobs j where j.slice = s.slice and j.stream_id = s.stream_id)
          limit $1 for update of s skip locked))
        """

    let pool: PostgresPool
    let keyRetention: Duration
    private static let endedAge = Duration.seconds(3600)
    let batchRows: Int32

    func run() async throws(PostgresError) {
        _ = try await pool.query("select prune_slice_log()")
        try await remove(Self.expiredState, [])
        try await remove(Self.strayParcels, [])
        try await remove(Self.forgottenKeys, [.double(Double(keyRetention.microseconds))])
        try await remove(Self.endedSnapshots, [.double(Double(Self.endedAge.microseconds))])
    }

    /// Batch after batch, until one is not full.
    private func remove(_ statement: String, _ parameters: [PostgresValue]) async throws(PostgresError) {
        while try await pool.query(statement, [.int4(batchRows)] + parameters).affectedRowCount == Int(batchRows) {}
    }
}
