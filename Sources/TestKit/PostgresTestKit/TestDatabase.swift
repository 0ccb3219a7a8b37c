package import PostgresDriver

/// A fresh database on the throw-away cluster of this process; it exists inside the closure of `withTestDatabase`.
package struct TestDatabase: Sendable {
    /// Its name, unique in this process.
    package let name: String

    /// A URI over the unix socket, as a superuser without password.
    package let connectionString: String

    /// The same over the loopback address, with the superuser's password.
    package let loopbackConnectionString: String

    /// The file to which the server writes its messages; each begins with the name of the database and of the application, with slashes.
    package let serverLog: String

    /// A configuration over the unix socket.
    package func configuration(role: String? = nil, settings: [String: String] = [:], statementTimeout: Duration? = nil) -> PostgresConfiguration {
        PostgresConfiguration(
            connectionString: connectionString, role: role, applicationName: "test", settings: settings,
            connectTimeout: Self.patience, statementTimeout: statementTimeout)
    }

    /// The same for another database of the cluster.
    package func configuration(of database: String) -> PostgresConfiguration {
        var other = configuration()
        other.connectionString = connectionString.replacing("/\(name)?", with: "/\(database)?")
        return other
    }

    /// A pool for this database that still has to be run.
    package func pool(
        role: String? = nil, connectionLimit: Int = 4, waiterLimit: Int = PostgresPool.defaultWaiterLimit, leaseTimeout: Duration = patience,
        drainTimeout: Duration = patience
    ) -> PostgresPool {
        PostgresPool(
            configuration: configuration(role: role), connectionLimit: connectionLimit, waiterLimit: waiterLimit, leaseTimeout: leaseTimeout,
            drainTimeout: drainTimeout)
    }

    /// How long a test waits for the server: an overloaded machine shall make tests slow, not fail.
    package static let patience = Duration.seconds(60)
}

/// Runs `body` with a database of its own, which is dropped afterwards whoever is still connected.
///
/// A few tests at a time have one; the others wait. With a `schema` script the database is a copy of a template that the script was run in
/// once per process: about 30 ms. Blocks no task.
package func withTestDatabase<Value>(schema: String? = nil, _ body: (TestDatabase) async throws -> Value) async throws -> Value {
    try await Turnstile.databases.pass {
        let cluster = try await PostgresTestCluster.shared()
        let database = try await cluster.createDatabase(schema: schema)
        do {
            let value = try await body(database)
            try await cluster.drop(database)
            return value
        } catch {
            let reason = error
            // The test's own error is the one to show; the database dies with the cluster at the latest.
            do { try await cluster.drop(database) } catch {}
            throw reason
        }
    }
}

/// Runs `body` with a running pool on a database of its own; afterwards the pool is drained and the database dropped.
package func withTestPool<Value: Sendable>(
    schema: String? = nil, role: String? = nil, connectionLimit: Int = 4, _ body: (PostgresPool) async throws -> Value
) async throws -> Value {
    try await withTestDatabase(schema: schema) { database in
        let pool = database.pool(role: role, connectionLimit: connectionLimit)
        return try await withRunning(pool) { try await body(pool) }
    }
}

/// Runs the pool beside `body` and drains it when `body` is done.
package func withRunning<Value: Sendable>(_ pool: PostgresPool, _ body: () async throws -> Value) async throws -> Value {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await pool.run() }
        defer { group.cancelAll() }
        return try await body()
    }
}
