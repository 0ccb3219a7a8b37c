import DriverThreads
import PostgresDriver

extension Server {
    /// The first column of what a query finds in the server's database, or in another one beside it, as their owner sees it.
    package func rows(_ sql: String, in database: String? = nil) async throws -> [String] {
        let configuration = PostgresConfiguration(connectionString: url(of: database))
        return try await DedicatedThread.run(name: "test-sql") {
            try BlockingPostgresConnection(configuration: configuration).execute(sql).map { try $0.text(0) }
        }
    }

    /// Runs a statement as the owner of the server's databases, in one of them.
    package func execute(_ sql: String, in database: String? = nil) async throws {
        let configuration = PostgresConfiguration(connectionString: url(of: database))
        _ = try await DedicatedThread.run(name: "test-sql") { try BlockingPostgresConnection(configuration: configuration).execute(sql) }
    }

    /// The address of the server's database, or of another one beside it.
    package func url(of database: String?) -> String {
        database.map { "\(databaseURL.prefix { $0 != "?" })".replacing(/\/[^\/]*$/, with: "/\($0)") } ?? databaseURL
    }

    /// The tables that hold a word in any column of any row, as text or as bytes.
    package func tables(with word: String, in database: String? = nil) async throws -> [String] {
        let hex = word.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        let names = try await rows(
            "select c.relname::text from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by 1", in: database)
        var found: [String] = []
        for name in names {
            let rows = try await rows(
                "select '' from \(name) t where position('\(word)' in t::text) > 0 or position('\(hex)' in t::text) > 0 limit 1", in: database)
            if !rows.isEmpty { found.append(name) }
        }
        return found
    }
}
