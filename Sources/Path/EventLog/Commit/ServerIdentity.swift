import PostgresDriver

/// Which server a connection leads to, and in which of its lives: a standby that is promoted goes on with the next timeline.
struct ServerIdentity: Hashable, Sendable {
    /// The same for a server and all its physical copies.
    let system: Int64
    /// Grows with every promotion.
    let timeline: Int32

    /// Throws `PostgresError`, of a standby too, since nothing can be written there. Source: PostgreSQL manual, "Continuous Archiving", "Timelines".
    init(of connection: BlockingPostgresConnection) throws(PostgresError) {
        // The log's own name tells the timeline at once, the control file only after the first checkpoint of a promoted server.
        let sql = """
            select system_identifier, ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int4 from pg_control_system()
            """
        guard let row = try connection.execute(sql).first else { throw PostgresError(.connectionFailed, reason: "the server has no identity") }
        (system, timeline) = (try row.int8(0), try row.int4(1))
    }

    /// Whether the other one is the same server in an earlier life: a former primary, which must not be written to any more.
    func isSucceeded(by other: ServerIdentity) -> Bool { system == other.system && timeline < other.timeline }
}
