import PostgresDriver

/// The name of what the database has lived through: another one in a copy that was restored from a dump, and after an accepted loss.
enum LogHistory {
    /// Gives a copy a name of its own, since it goes on apart from its original. Run by the owner of the tables; answers whether it is one.
    static func settle(_ owner: BlockingPostgresConnection) throws(PostgresError) -> Bool {
        try owner.execute("select settle_history()").first?.bool(0) ?? false
    }

    /// Begins another history. Run by the owner of the tables; answers its name.
    static func begin(_ owner: BlockingPostgresConnection) throws(PostgresError) -> String {
        _ = try owner.execute("update slice_head set history = named.history from (select gen_random_uuid() as history) named")
        return try read(owner)
    }

    /// Empty before anybody has appended.
    static func read(_ connection: BlockingPostgresConnection) throws(PostgresError) -> String {
        try connection.execute("select history::text from slice_head order by slice limit 1").first?.text(0) ?? ""
    }
}
