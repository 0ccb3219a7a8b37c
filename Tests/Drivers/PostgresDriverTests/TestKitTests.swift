import Glibc
import PostgresDriver
import PostgresTestKit
import Testing

@Suite(.timeLimit(.minutes(2))) struct `A test database` {
    @Test func `two copies of one schema share no rows`() async throws {
        let schema = "create table person (id int4)"
        try await withTestPool(schema: schema) { first in
            try await withTestPool(schema: schema) { second in
                _ = try await first.query("insert into person values (1)")
                #expect(try await second.query("select from person").isEmpty)
            }
        }
    }

    @Test func `a database is gone after its closure`() async throws {
        let name = try await withTestDatabase { $0.name }
        try await withTestPool { pool in
            try await #expect(pool.query("select from pg_database where datname = $1", [.text(name)]).isEmpty)
        }
    }

    @Test func `a database is reached over the loopback address with its password`() async throws {
        try await withTestDatabase { database in
            let pool = PostgresPool(configuration: PostgresConfiguration(connectionString: database.loopbackConnectionString))
            try await withRunning(pool) {
                try await #expect(pool.query("select inet_server_addr() is not null")[0].bool(0))
            }
        }
    }

    @Test func `a killed test process leaves no cluster behind`() async throws {
        let result = try #require(
            await #expect(processExitsWith: .signal(SIGKILL), observing: [\.standardOutputContent]) {
                try await withTestDatabase { database in
                    let marked = "<\(database.connectionString)>"
                    _ = write(STDOUT_FILENO, marked, marked.utf8.count)
                    kill(getpid(), SIGKILL)
                }
            })
        let output = String(decoding: result.standardOutputContent, as: UTF8.self)
        let uri = try #require(output.split(separator: "<").last?.split(separator: ">").first)
        let folder = try #require(uri.split(separator: "host=").last?.split(separator: "&").first)
        #expect(folder.hasPrefix("/tmp/pg-test-"))
        try await eventually { access(String(folder), F_OK) != 0 }
    }
}
