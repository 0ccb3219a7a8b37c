import DriverThreads
import EventLog
import EventStoreConformance
import Glibc
import Logging
import PostgresDriver
import PostgresTestKit
import Testing

/// Runs `body` with a prepared and running log on a database of its own.
func withEventLog<Value: Sendable>(
    _ adjust: @Sendable (inout EventLogConfiguration) -> Void = { _ in }, _ body: (EventLog, TestDatabase) async throws -> Value
) async throws -> Value {
    try await withEmptyLog { database, configuration in
        var configuration = configuration
        adjust(&configuration)
        let log = EventLog(configuration: configuration, ids: SystemIDs(), logger: silentLogger)
        try await log.prepare()
        return try await withRunning(log) { try await body(log, database) }
    }
}

/// Runs `body` with a migrated database of its own and the configuration of a small log on it.
func withEmptyLog<Value: Sendable>(_ body: (TestDatabase, EventLogConfiguration) async throws -> Value) async throws -> Value {
    try await withTestDatabase(schema: Migrator.script) { database in
        try await withKeyFile { keyFile in
            // Over TCP, where a test can find the socket of a connection by its port.
            var configuration = EventLogConfiguration(connectionString: database.loopbackConnectionString, keyFile: keyFile)
            // One, unless a test wants more, so that batches of any slices become one group.
            configuration.writers = 1
            configuration.connectionLimit = 4
            configuration.readerConnectionLimit = 2
            // An overloaded machine shall make tests slow, not fail.
            configuration.patience = TestDatabase.patience
            configuration.hangLimit = TestDatabase.patience
            return try await body(database, configuration)
        }
    }
}

/// Runs the log beside `body` and stops it when `body` is done.
func withRunning<Value: Sendable>(_ log: EventLog, _ body: () async throws -> Value) async throws -> Value {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await log.run() }
        defer { log.stop() }
        return try await body()
    }
}

let silentLogger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

/// A path that does not exist yet, in a folder that is removed afterwards.
func withKeyFile<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    var template = Array("/tmp/fastn-key-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    defer {
        unlink("\(folder)/key")
        rmdir(folder)
    }
    return try await body("\(folder)/key")
}

/// Runs blocking work on the database as its superuser, on a thread of its own.
func administrate<Value: Sendable>(
    _ database: TestDatabase, _ body: @escaping @Sendable (BlockingPostgresConnection) throws -> Value
) async throws -> Value {
    try await DedicatedThread.run(name: "test-admin") { () throws in
        try body(BlockingPostgresConnection(configuration: database.configuration()))
    }
}
