import PostgresDriver

/// A role that a connection takes on; none can log in and none owns a table.
package enum DatabaseRole: String, Sendable, CaseIterable {
    /// Appends to the log and accepts deliveries; reads no payload.
    case writer = "fastn_writer"
    /// Reads the rows of the one tenant or space that the transaction names.
    case reader = "fastn_reader"
    /// Projections, sweeper, vault: sees every row of what it is granted.
    case system = "fastn_system"
}

extension DatabaseRole {
    /// Creates the role and lets the user of this connection take it on.
    ///
    /// Roles belong to the cluster: another database's migration may do the same at the same moment, and one of the two fails then.
    func ensure(_ connection: BlockingPostgresConnection) throws(PostgresError) {
        let attemptLimit = 10
        for attempt in 1...attemptLimit {
            do {
                return try connection.script(script)
            } catch {
                // Unique violation, duplicate object, "tuple concurrently updated".
                guard attempt < attemptLimit, let state = error.sqlState, ["23505", "42710", "XX000"].contains(state) else { throw error }
            }
        }
    }

    /// One statement. Since release 16 a creator administers his role without being allowed to take it on.
    var script: String {
        """
        do $$ declare
          ability text := case when current_setting('server_version_num')::int4 >= 160000 then 'SET' else 'MEMBER' end;
        begin
          if not exists (select from pg_roles where rolname = '\(rawValue)') then create role \(rawValue) nologin; end if;
          if not pg_has_role(current_user, '\(rawValue)', ability) then
            grant \(rawValue) to current_user;
          end if;
        end $$
        """
    }
}
