import DriverThreads
import PostgresDriver

extension Server {
    /// The first column of what a query finds in the server's database, as its owner sees it.
    package func rows(_ sql: String) async throws -> [String] {
        let configuration = PostgresConfiguration(connectionString: databaseURL)
        return try await DedicatedThread.run(name: "test-sql") {
            try BlockingPostgresConnection(configuration: configuration).execute(sql).map { try $0.text(0) }
        }
    }

    /// Runs a statement as the owner of the server's databases, in one of them.
    package func execute(_ sql: String, in database: String? = nil) async throws {
        let url = database.map { "\(databaseURL.prefix { $0 != "?" })".replacing(/\/[^\/]*$/, with: "/\($0)") } ?? databaseURL
        let configuration = PostgresConfiguration(connectionString: url)
        _ = try await DedicatedThread.run(name: "test-sql") { try BlockingPostgresConnection(configuration: configuration).execute(sql) }
    }
}
