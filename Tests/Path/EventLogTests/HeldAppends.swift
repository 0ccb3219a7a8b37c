import EventLog
import EventSourcing
import EventStoreConformance
import PostgresDriver
import PostgresTestKit
import Testing
import Vocabulary

/// Holds every append that asks for work, between its last write and its commit, until it is let go; knows which connection committed what.
struct HeldAppends: Sendable {
    private let database: TestDatabase
    private let mayGo = Gate()

    private static let lock = 77
    private static let script = """
        create table written_by (process int4);
        create function hold() returns trigger language plpgsql security definer as $$
        begin
          perform pg_advisory_xact_lock_shared(\(lock));
          insert into written_by values (pg_backend_pid());
          return new;
        end $$;
        create trigger hold after insert on jobs for each row execute function hold();
        """

    /// Runs `body` while appends are held; it lets them go itself, and its end does at the latest.
    static func with(_ database: TestDatabase, _ body: (HeldAppends) async throws -> Void) async throws {
        let held = HeldAppends(database: database)
        let isHeld = Gate()
        async let holder: Void = administrate(database) { connection in
            try connection.script(script)
            _ = try connection.execute("select pg_advisory_lock(\(lock))")
            isHeld.open()
            held.mayGo.waitUntilOpen()
        }
        await isHeld.whenOpen()
        defer { held.letGo() }
        try await body(held)
        held.letGo()
        try await holder
    }

    func letGo() { mayGo.open() }

    /// A batch that is held.
    func batch(_ fixture: ConformanceFixture, _ address: StreamAddress, _ expected: ExpectedVersion, count: Int = 1) -> AppendBatch {
        var batch = fixture.batch(address, expected, count: count)
        batch.work = .asks(.run, .p2, due: nil)
        return batch
    }

    /// Returns when an append stands between its writes and its commit.
    func whenHeld() async throws {
        try await administrate(database) { connection in
            let waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'advisory'"
            while try connection.execute(waiting).first?.int8(0) == 0 { _ = try connection.execute("select pg_sleep(0.005)") }
        }
    }

    /// The processes of the server whose appends were committed.
    func writers() async throws -> [Int32] {
        try await administrate(database) { try $0.execute("select process from written_by").map { try $0.int4(0) } }
    }
}
