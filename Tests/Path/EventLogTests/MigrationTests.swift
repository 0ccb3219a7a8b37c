import DriverThreads
import EventLog
import EventSourcing
import EventStoreConformance
import PostgresDriver
import PostgresTestKit
import Testing
import Vocabulary

@Suite struct `Migrating a database` {
    private func migrate(_ database: TestDatabase, _ migrations: [Migration] = Migration.all) async throws -> [Int32] {
        try await DedicatedThread.run(name: "test-migrate") { () throws in
            try Migrator(configuration: database.configuration(), migrations: migrations).run()
        }
    }

    @Test func `the second run has nothing to do`() async throws {
        try await withTestDatabase { database in
            let applied = [try await migrate(database), try await migrate(database)]
            #expect(applied == [Migration.all.map(\.number), []])
        }
    }

    @Test func `processes that migrate at once do it once`() async throws {
        try await withTestDatabase { database in
            let applied = try await atOnce(4) { try await migrate(database) }
            #expect(applied.flatMap { $0 }.sorted() == Migration.all.map(\.number))
        }
    }

    @Test func `a migration that fails leaves nothing behind`() async throws {
        try await withTestDatabase { database in
            let broken = Migration(number: 3, name: "broken", script: "create table half (a int4); select 1 / 0;")
            await #expect(throws: PostgresError.self) { _ = try await migrate(database, Migration.all + [broken]) }
            let half = try await administrate(database) { try $0.execute("select to_regclass('half')::text").first?.optionalText(0) }
            #expect(half == nil)
            #expect(try await migrate(database) == [])
        }
    }

    @Test func `a database of a newer release is refused with the remedy`() async throws {
        try await withTestDatabase(schema: Migrator.script) { database in
            try await administrate(database) { try $0.script("insert into schema_migrations (number, name) values (999, 'future')") }
            let error = await #expect(throws: MigrationError.self) { _ = try await migrate(database) }
            #expect(error?.description.hasPrefix("the database was made by a newer fastn") == true)
        }
    }

    @Test func `an old server is named with what is needed`() {
        #expect(MigrationError.oldServer(version: "13.4").description == "Postgres 15 or newer is needed, this is 13.4")
    }

    @Test func `migrations count from 1 without a gap`() {
        #expect(Migration.all.map(\.number) == Array(1...Int32(Migration.all.count)))
    }

    @Test func `a user who is no superuser can migrate and serve`() async throws {
        try await withTestDatabase { database in
            let user = "user_of_\(database.name)"
            try await administrate(database) {
                try $0.script("create role \(user) login createrole password 'x'; grant create on database \(database.name) to \(user)")
                try $0.script("alter schema public owner to \(user)")
                // On release 15 a user with createrole may grant any role to himself; the cluster's other tests made these.
                for role in DatabaseRole.allCases {
                    try $0.script("do $$ begin create role \(role.rawValue); exception when others then null; end $$")
                }
            }
            let connectionString = database.connectionString.replacing("user=postgres", with: "user=\(user)")
            try await withKeyFile { keyFile in
                var configuration = EventLogConfiguration(connectionString: connectionString, keyFile: keyFile)
                configuration.connectionLimit = 2
                let log = EventLog(configuration: configuration, ids: SystemIDs(), logger: silentLogger)
                try await log.prepare()
                try await withRunning(log) {
                    let fixture = ConformanceFixture(store: log.store)
                    let stream = fixture.stream()
                    try await fixture.append(fixture.batch(stream, .none))
                    #expect(try await log.store.read(stream, after: .none, limit: 10).count == 1)
                }
            }
            try await administrate(database) { try $0.script("reassign owned by \(user) to postgres; drop owned by \(user); drop role \(user)") }
        }
    }
}
