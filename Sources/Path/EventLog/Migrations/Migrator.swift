package import PostgresDriver

/// Brings a database to the schema of this release: roles, tables, functions. Safe to run from many processes at once.
package struct Migrator: Sendable {
    /// Release 14 lacks what the log's row security needs; 15 is what the tests run on.
    static let oldestServer: Int32 = 150_000

    private let configuration: PostgresConfiguration
    private let migrations: [Migration]

    /// `configuration` names no role: the user who connects becomes the owner of the tables.
    package init(configuration: PostgresConfiguration, migrations: [Migration] = Migration.all) {
        self.configuration = configuration
        self.migrations = migrations
    }

    /// Blocks; throws `PostgresError` or `MigrationError`. Answers the numbers of the migrations that were missing.
    @discardableResult
    package func run() throws -> [Int32] {
        try run(on: BlockingPostgresConnection(configuration: configuration))
    }

    /// Everything that `run` does to an empty database, as one script: for databases that are copied from a template, as tests do.
    package static var script: String {
        let applied = Migration.all.map { "\($0.script)\ninsert into schema_migrations (number, name) values (\($0.number), '\($0.name)');" }
        return (DatabaseRole.allCases.map { "\($0.script);" } + [ledger + ";"] + applied + Migration.functions).joined(separator: "\n")
    }

    private static let ledger = """
        create table if not exists schema_migrations (
          number int4 primary key, name text not null, applied_at timestamptz not null default clock_timestamp())
        """

    func run(on connection: BlockingPostgresConnection) throws -> [Int32] {
        try checkServer(connection)
        // Held until the end, over all transactions below; one process migrates, the others wait and find it done.
        _ = try connection.execute("select pg_advisory_lock(hashtextextended('fastn.migration', 0))")
        defer {
            // A connection that is gone has given its locks back.
            do { _ = try connection.execute("select pg_advisory_unlock(hashtextextended('fastn.migration', 0))") } catch { connection.close() }
        }
        let newest = try newestApplied(connection)
        guard newest <= migrations.last?.number ?? 0 else { throw MigrationError.newer(found: newest, known: migrations.last?.number ?? 0) }
        for role in DatabaseRole.allCases { try role.ensure(connection) }
        let missing = migrations.filter { $0.number > newest }
        for migration in missing { try apply(migration, connection) }
        try connection.withTransaction { for function in Migration.functions { try connection.script(function) } }
        return missing.map(\.number)
    }

    private func checkServer(_ connection: BlockingPostgresConnection) throws {
        let rows = try connection.execute("select current_setting('server_version_num')::int4, current_setting('server_version')")
        guard let row = rows.first, try row.int4(0) < Self.oldestServer else { return }
        throw MigrationError.oldServer(version: try row.text(1))
    }

    private func newestApplied(_ connection: BlockingPostgresConnection) throws -> Int32 {
        try connection.script(Self.ledger)
        return try connection.execute("select coalesce(max(number), 0) from schema_migrations").first?.int4(0) ?? 0
    }

    private func apply(_ migration: Migration, _ connection: BlockingPostgresConnection) throws {
        try connection.withTransaction {
            try connection.script(migration.script)
            _ = try connection.execute(
                "insert into schema_migrations (number, name) values ($1, $2)", [.int4(migration.number), .text(migration.name)])
        }
    }
}

/// Why a database cannot be used by this release.
package enum MigrationError: Error, Hashable, Sendable, CustomStringConvertible {
    case oldServer(version: String)
    case newer(found: Int32, known: Int32)

    package var description: String {
        switch self {
        case .oldServer(let version): "Postgres 15 or newer is needed, this is \(version)"
        case .newer(let found, let known):
            "the database was made by a newer fastn (schema \(found), this release knows \(known)): start that release or a newer one"
        }
    }
}
