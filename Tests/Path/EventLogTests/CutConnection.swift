import DriverThreads
import EventLog
import Glibc
import PostgresDriver
import PostgresTestKit
import Testing

/// Two ways to lose a connection: the server ends it, or the network does, in which case the answer of a commit may be lost.
enum Cut: CaseIterable, Sendable {
    case byServer, byNetwork
}

/// Ends the connection with that application name at a random moment of what it does, `count` times.
///
/// Between two cuts the table has to grow, or a slow machine would do nothing but connect. Ends early, as everybody does, when `isOver` is open.
func cutConnection(
    _ cut: Cut, _ count: Int, of application: String, growing table: String, _ database: TestDatabase, until isOver: Gate
) async throws {
    defer { isOver.open() }
    try await administrate(database) { connection in
        var rowCount: Int64 = 0
        for _ in 0..<count {
            let before = rowCount
            while rowCount == before, !isOver.hasOpened {
                rowCount = try connection.execute("select count(*) from \(table)").first?.int8(0) ?? 0
            }
            _ = try connection.execute("select pg_sleep(random() * 0.01)")
            let rows = try connection.execute(
                "select client_port, pid from pg_stat_activity where datname = current_database() and application_name = $1", [.text(application)])
            guard let row = rows.first else { continue }
            try perform(cut, on: row, connection)
        }
    }
}

/// Ends the connection with that application name now; answers the process that served it.
func cutConnection(_ cut: Cut, of application: String, _ database: TestDatabase) async throws -> Int32 {
    try await administrate(database) { connection in
        let rows = try connection.execute(
            "select client_port, pid from pg_stat_activity where datname = current_database() and application_name = $1", [.text(application)])
        let row = try #require(rows.first)
        try perform(cut, on: row, connection)
        return try row.int4(1)
    }
}

/// `row` has the port and the process of the connection that is to end.
private func perform(_ cut: Cut, on row: PostgresRow, _ connection: BlockingPostgresConnection) throws {
    switch cut {
    case .byServer: _ = try connection.execute("select pg_terminate_backend($1)", [.int4(try row.int4(1))])
    case .byNetwork: shutDownSocket(localPort: UInt16(truncatingIfNeeded: try row.int4(0)))
    }
}

/// Shuts down the socket of this process that has this port on its side, as a broken network would.
private func shutDownSocket(localPort: UInt16) {
    let descriptorLimit: Int32 = 1024
    for descriptor in 3..<descriptorLimit {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard code == 0, address.sin_family == sa_family_t(AF_INET), UInt16(bigEndian: address.sin_port) == localPort else { continue }
        shutdown(descriptor, Int32(SHUT_RDWR))
    }
}

/// Lets nobody connect to the database any more, or everybody again, and ends the log's writer.
func setConnections(allowed: Bool, _ database: TestDatabase) async throws {
    let configuration = database.configuration(of: "postgres")
    try await DedicatedThread.run(name: "test-admin") { () throws in
        let connection = try BlockingPostgresConnection(configuration: configuration)
        _ = try connection.execute("alter database \(database.name) allow_connections \(allowed)")
        _ = try connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and application_name = 'fastn log'", [.text(database.name)])
    }
}
