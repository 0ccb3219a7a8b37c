import DriverThreads
import PostgresDriver
import ServerTestKit

extension Server {
    /// The first column of what a query finds in the server's database, as its owner sees it.
    func rows(_ sql: String) async throws -> [String] {
        let configuration = PostgresConfiguration(connectionString: databaseURL)
        return try await DedicatedThread.run(name: "test-sql") {
            try BlockingPostgresConnection(configuration: configuration).execute(sql).map { try $0.text(0) }
        }
    }
}
