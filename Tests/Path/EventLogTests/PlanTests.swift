import EventLog
import EventSourcing
import EventStoreConformance
import PostgresDriver
import PostgresTestKit
import Testing
import Vocabulary

@Suite struct `Plans of the log's statements` {
    /// Appends whose every check has rows to look at.
    private func fill(_ log: EventLog, count: Int) async throws {
        let fixture = ConformanceFixture(store: log.store)
        _ = try await atOnce(count) {
            let stream = fixture.stream()
            var batch = fixture.batch(stream, .none, count: 2)
            batch.marks = ["mark"]
            batch.reservations = [Reservation(scope: stream.tenant, kind: "sample.name", key: "name")]
            batch.work = .asks(.run, .p2, due: nil)
            batch.stateWrites = [StateWrite(scope: stream.stream.recast(), key: "key", value: [1])]
            try await fixture.append(batch)
            var second = fixture.batch(stream, .exactly(StreamVersion(2)))
            second.releases = batch.reservations
            second.work = .done
            try await fixture.append(second)
        }
    }

    @Test func `an append reads few rows, though its plans were made on empty tables`() async throws {
        try await withEventLog { log, database in
            let count = 600
            try await fill(log, count: count)
            // A server process reports what it has read at its end at the latest.
            log.stop()
            let busy = try await administrate(database) { connection in
                try waitUntilAlone(connection)
                return try connection.execute(
                    """
                    select relname::text, seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_user_tables
                    where seq_tup_read + coalesce(idx_tup_fetch, 0) > 12 * $1::int8 and relname <> 'slice_head'
                    """, [.int8(Int64(count))]
                ).map { try "\($0.text(0)): \($0.int8(1)) rows read" }
            }
            #expect(busy == [])
        }
    }

    @Test(arguments: [
        "select pos from events where slice = 7::int2 and pos > 10 and pos <= 20 order by pos",
        "select pos from events where slice = 7::int2 and stream_id = % and era = '-infinity' and version > 3 order by version limit 10",
        "select stream_id from jobs where lane = 1::int2 and due <= now() order by due, stream_id limit 10",
        "select stream_id from jobs where slice = 7::int2 and stream_id = %",
        "select event_id from inbox where state = 0 and received_at <= now() order by received_at limit 10",
        "select pos from inbox where slice = 7::int2 and tenant_id = % and dedup_key = 'a' and state = 2",
        "select value from state_values where scope = % and key = 'a'",
    ])
    func `a read of a filled log goes by an index`(_ query: String) async throws {
        try await withTestDatabase(schema: Migrator.script) { database in
            let explained = "explain \(query.replacing("%", with: "'00000000-0000-0000-0000-000000000000'"))"
            let plan = try await administrate(database) { connection in
                _ = try connection.execute("select ensure_event_partitions(0)")
                try connection.script(LogFiller.script)
                return try connection.execute(explained).map { try $0.text(0) }
            }
            // A partition of a month is empty here, and read whole for nothing.
            #expect(!plan.contains { $0.contains("Seq Scan on") && !$0.contains("Seq Scan on events_2") }, "\(plan.joined(separator: "\n"))")
        }
    }

    /// A statement that asks for rows by their time in a column.
    struct TimedQuery: Sendable {
        let sql: String
        let parameters: [PostgresValue]
        let column: String
    }

    @Test(arguments: [
        TimedQuery(sql: PostgresEventStore.readyJobsQuery, parameters: [.int2s([1, 2, 3, 4]), .int4(10), .int2s([1, 2])], column: "due"),
        TimedQuery(sql: PostgresInbox.pendingQuery, parameters: [.double(0), .int4(10), .int2s([1, 2])], column: "received_at"),
        TimedQuery(sql: LogSweep.expiredState, parameters: [.int4(10)], column: "expires_at"),

        TimedQuery(sql: LogSweep.forgottenKeys, parameters: [.int4(10), .double(1e12)], column: "done_at"),
    ])
    func `what is due, waiting, expired or forgotten is found by its time in an index`(_ query: TimedQuery) async throws {
        try await withTestDatabase(schema: Migrator.script) { database in
            let plan = try await administrate(database) { connection in
                _ = try connection.execute("select ensure_event_partitions(0)")
                try connection.script(LogFiller.script)
                return try connection.execute("explain \(query.sql)", query.parameters).map { try $0.text(0) }
            }
            let isByTime = plan.contains { $0.contains("Index Cond:") && $0.contains("\(query.column) <") }
            #expect(isByTime, "\(plan.joined(separator: "\n"))")
        }
    }
}

/// Blocks until no other connection to the database is left.
private func waitUntilAlone(_ connection: BlockingPostgresConnection) throws {
    let others = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    while try connection.execute(others).first?.int8(0) != 0 { _ = try connection.execute("select pg_sleep(0.01)") }
}
