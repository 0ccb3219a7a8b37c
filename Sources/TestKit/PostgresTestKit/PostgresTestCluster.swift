import DriverThreads
import PostgresDriver
import Synchronization

/// One private Postgres cluster for the whole test process: made at first use, deleted when the process ends, however it ends.
///
/// It does not sync to disk, so it proves nothing about durability.
final class PostgresTestCluster: Sendable {
    /// What stands between a test and its database.
    struct StartError: Error, CustomStringConvertible {
        let description: String
    }

    private let keeper: ClusterKeeper
    private let databaseCount = Atomic<Int>(0)
    private let templates = Mutex<[String: SharedValue<String>]>([:])

    private init(keeper: ClusterKeeper) {
        self.keeper = keeper
    }

    private static let started = SharedValue<PostgresTestCluster>()

    /// The cluster; the first caller waits about a second for it.
    static func shared() async throws -> PostgresTestCluster {
        try await started.value { PostgresTestCluster(keeper: try ClusterKeeper.start()) }
    }

    /// Creates an empty database or a copy of the schema's template.
    func createDatabase(schema: String?) async throws -> TestDatabase {
        let template = if let schema { try await self.template(for: schema) } else { "template0" }
        let database = self.database(named: "test_\(nextNumber())")
        try await administrate("create database \(database.name) template \(template)")
        return database
    }

    /// Drops the database and cuts its connections.
    func drop(_ database: TestDatabase) async throws {
        try await administrate("drop database \(database.name) with (force)")
    }

    private func template(for schema: String) async throws -> String {
        let template = templates.withLock { templates in
            let template = templates[schema] ?? SharedValue()
            templates[schema] = template
            return template
        }
        return try await template.value { try self.makeTemplate(schema) }
    }

    private func makeTemplate(_ schema: String) throws -> String {
        let (database, admin) = (self.database(named: "template_\(nextNumber())"), self.database(named: "postgres"))
        try run("create database \(database.name) template template0", in: admin)
        try run(schema, in: database)
        // A template that nobody can connect to can always be copied.
        try run("alter database \(database.name) allow_connections false", in: admin)
        return database.name
    }

    private func administrate(_ sql: String) async throws {
        try await DedicatedThread.run(name: "pg-test-admin") { try self.run(sql, in: self.database(named: "postgres")) }
    }

    private func run(_ script: String, in database: TestDatabase) throws {
        try BlockingPostgresConnection(configuration: database.configuration()).script(script)
    }

    private func nextNumber() -> Int {
        databaseCount.add(1, ordering: .relaxed).newValue
    }

    private func database(named name: String) -> TestDatabase {
        TestDatabase(
            name: name, connectionString: "postgresql:///\(name)?host=\(keeper.directory)&port=\(keeper.port)&user=postgres",
            loopbackConnectionString: "postgresql://postgres:\(keeper.password)@127.0.0.1:\(keeper.port)/\(name)",
            serverLog: "\(keeper.directory)/log")
    }
}
