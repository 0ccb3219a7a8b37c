import EventLog
import EventSourcing
import EventStoreConformance
import PostgresDriver
import PostgresTestKit
import Testing
import Vocabulary

@Suite struct `The tables of the log` {
    @Test(arguments: ["events", "events_lasting"], ["update % set version = 9", "delete from %", "truncate %"])
    func `refuse to change what happened, to their owner too`(_ table: String, _ statement: String) async throws {
        try await withTestDatabase(schema: Migrator.script) { database in
            let error = try await administrate(database) { connection in
                _ = try connection.execute("select ensure_event_partitions(1)")
                return #expect(throws: PostgresError.self) { _ = try connection.execute(statement.replacing("%", with: table)) }
            }
            #expect(error?.sqlState == "0A000")
        }
    }

    @Test func `show the reader nothing without a tenant, and one tenant's rows with it`() async throws {
        try await withEventLog { log, _ in
            let fixture = ConformanceFixture(store: log.store)
            let (ours, theirs) = (fixture.stream(), fixture.stream())
            try await fixture.append(fixture.batch(ours, .none, count: 2))
            try await fixture.append(fixture.batch(theirs, .none, count: 3))
            func count(_ table: String, _ settings: [String: String]) async throws -> Int64? {
                try await log.readerPool.query("select count(*) from \(table)", settings: settings).first?.int8(0)
            }
            for (table, rows) in [("events", Int64(2)), ("streams", 1)] {
                #expect(try await count(table, [:]) == 0)
                #expect(try await count(table, ["fastn.tenant": "\(ours.tenant)"]) == rows)
                #expect(try await count(table, ["fastn.space": "\(ours.tenant)"]) == rows)
                // The setting of the transaction before is gone, though the connection is the same.
                #expect(try await count(table, [:]) == 0)
            }
        }
    }

    @Test(arguments: ["jobs", "inbox", "reservations", "state_values", "vault", "crypto_keys", "slice_head"])
    func `are closed to the reader where the API has no business`(_ table: String) async throws {
        try await withTestPool(schema: Migrator.script, role: DatabaseRole.reader.rawValue, connectionLimit: 1) { pool in
            let error = await #expect(throws: PostgresError.self) { _ = try await pool.query("select * from \(table)") }
            #expect(error?.sqlState == "42501")
        }
    }

    @Test func `let the writer see where events are and not what they say`() async throws {
        try await withTestPool(schema: Migrator.script, role: DatabaseRole.writer.rawValue, connectionLimit: 1) { pool in
            _ = try await pool.query("select slice, pos, stream_id, version, event_id from events")
            for column in ["body", "meta", "type"] {
                let error = await #expect(throws: PostgresError.self) { _ = try await pool.query("select \(column) from events") }
                #expect(error?.sqlState == "42501")
            }
        }
    }

    @Test func `carry a tenant, and force row security, wherever they hold tenants' rows`() async throws {
        try await withTestDatabase(schema: Migrator.script) { database in
            let open = try await administrate(database) { connection in
                try connection.execute(
                    """
                    select relname::text from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
                      and not (relrowsecurity and relforcerowsecurity) and not relispartition order by 1
                    """
                ).map { try $0.text(0) }
            }
            // What nodes hand to one another is swept within minutes, and none of these names a tenant.
            let tenantless = [
                "checkpoints", "installation", "log_identity", "nodes", "parcels", "regions", "schema_migrations", "slice_head",
                "slice_lease", "slice_log", "slice_regions",
            ]
            #expect(open == tenantless)
        }
    }

    @Test func `have partitions for last month and the months ahead, made once`() async throws {
        try await withTestDatabase(schema: Migrator.script) { database in
            let created = try await administrate(database) { connection in
                try (0..<2).map { _ in try connection.execute("select ensure_event_partitions(3)").first?.int4(0) }
            }
            // The lasting one, last month, this month and three more.
            #expect(created == [6, 0])
        }
    }
}
