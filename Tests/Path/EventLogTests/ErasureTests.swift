import EventLog
import EventSourcing
import EventStoreConformance
import PostgresDriver
import PostgresTestKit
import Testing
import Vocabulary

@Suite struct `Data in the log` {
    private static let canary = "canary-4711"

    @Test func `is in no table, neither as text nor as bytes`() async throws {
        try await withEventLog { log, database in
            let stream = try await Self.write(log)
            #expect(try await Self.read(log, stream).first?.head["word"] == .string(Self.canary))
            #expect(try await Self.findings(Self.canary, database).isEmpty)
            // What is looked for would be found.
            #expect(try await !Self.findings("nobody", database).isEmpty)
        }
    }

    @Test func `is gone for another process within seconds of the destruction, which tells whoever remembers payloads`() async throws {
        try await withConfiguredLog { log, configuration in
            let stream = try await Self.write(log)
            let beside = EventLog(configuration: configuration, ids: SystemIDs(), logger: silentLogger)
            try beside.openKeys()
            let forgotten = AsyncStream.makeStream(of: Void.self)
            beside.dataKeys.observe { forgotten.continuation.yield() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await beside.pool.run() }
                group.addTask { try await beside.dataKeys.watch() }
                #expect(try await Self.read(beside, stream).first?.isErased == false)
                try await Self.destroy(log, stream.tenant)
                #expect(try await Self.read(log, stream).first?.isErased == true)
                for await _ in forgotten.stream { if try await Self.read(beside, stream).first?.isErased == true { break } }
                #expect(try await Self.read(beside, stream).first?.isErased == true)
                group.cancelAll()
            }
        }
    }

    @Test func `that is erased leaves the chain as it was`() async throws {
        try await withTamperedLog { log in
            let fixture = ConformanceFixture(store: log.store)
            let stream = fixture.stream()
            try await fixture.append(AppendBatch(address: stream, expected: .none, events: [fixture.secret(Self.canary)]))
            try await Self.destroy(log.log, stream.tenant)
            #expect(try await log.store.read(stream, after: .none, limit: 10).map(\.form.isErased) == [true])
            let result = try await log.verify()
            #expect(result.fault == nil && result.events == 1)
        }
    }

    @Test func `does not open in the place of another event, nor under another tenant`() async throws {
        try await withEventLog { log, database in
            let (stream, other) = (try await Self.write(log), try await Self.write(log))
            for column in ["event_id = gen_random_uuid()", "body = (select body from events o where o.stream_id = '\(other.stream)')"] {
                try await administrate(database) { connection in
                    _ = try connection.execute("set session_replication_role = replica")
                    _ = try connection.execute("update events set \(column) where stream_id = '\(stream.stream)'")
                }
                await #expect(throws: EventStoreError.self) { try await Self.read(log, stream) }
            }
            #expect(try await Self.read(log, other).first?.head["word"] == .string(Self.canary))
        }
    }

    @Test func `is kept from a delivery on, and gone from it too`() async throws {
        try await withEventLog { log, database in
            let fixture = ConformanceFixture(store: log.store)
            let tenant = fixture.stream().tenant
            let key = try #require(try await log.dataKeys.current(try log.dataKeys.subject("anna", of: tenant), of: tenant))
            let event = fixture.secret(Self.canary)
            let delivery = InboxDelivery(
                tenant: tenant, dedupKey: "one", event: event.id, form: event.form, meta: event.meta, dataKey: key)
            #expect(try await log.inbox.accept(delivery) == .accepted)
            let kept = try await log.inbox.pending(olderThan: .zero, limit: 10)
            #expect(kept.map(\.form) == [event.form])
            #expect(kept.map(\.dataKey) == [key])
            #expect(try await Self.findings(Self.canary, database).isEmpty)
            _ = try await log.dataKeys.destroy(key, of: tenant)
            #expect(try await log.inbox.pending(olderThan: .zero, limit: 10).map(\.form.isErased) == [true])
        }
    }

    @Test func `is gone from snapshots, and no new ones are kept`() async throws {
        try await withEventLog { log, database in
            let address = ConformanceFixture(store: log.store).stream()
            let key = try #require(
                try await log.dataKeys.current(try log.dataKeys.subject("anna", of: address.tenant), of: address.tenant))
            let snapshot = Snapshot(
                version: StreamVersion(3), position: 7, recordedAt: .epoch, foldVersion: 1, body: Array(Self.canary.utf8), dataKey: key)
            func latest() async throws -> Snapshot? {
                try await log.snapshots.latest(of: address, foldVersion: 1, upTo: nil, withProvenance: false)
            }
            try await log.snapshots.save(snapshot, of: address)
            #expect(try await latest() == snapshot)
            #expect(try await Self.findings(Self.canary, database).isEmpty)
            _ = try await log.dataKeys.destroy(key, of: address.tenant)
            #expect(try await latest() == nil)
            try await log.snapshots.save(snapshot, of: address)
            #expect(try await latest() == nil)
        }
    }

    @Test func `keeps a server with another key file, or without one, from starting`() async throws {
        try await withConfiguredLog { log, configuration in
            _ = try await Self.write(log)
            try await withKeyFile { path in
                var configuration = configuration
                configuration.keyFile = path
                let other = EventLog(configuration: configuration, ids: SystemIDs(), logger: silentLogger)
                await #expect(throws: VaultKeyError.missing(path: path)) { try await other.prepare() }
            }
        }
    }

    private func withConfiguredLog(_ body: (EventLog, EventLogConfiguration) async throws -> Void) async throws {
        try await withEmptyLog { _, configuration in
            let log = EventLog(configuration: configuration, ids: SystemIDs(), logger: silentLogger)
            try await log.prepare()
            try await withRunning(log) { try await body(log, configuration) }
        }
    }

    private static func write(_ log: EventLog) async throws -> StreamAddress {
        let fixture = ConformanceFixture(store: log.store)
        let stream = fixture.stream()
        var batch = AppendBatch(address: stream, expected: .none, events: [fixture.secret(canary)])
        batch.stateWrites = [StateWrite(scope: StateScopeID(bits: stream.stream.bits), key: "k", value: Array(canary.utf8))]
        try await fixture.append(batch)
        return stream
    }

    private static func read(_ log: EventLog, _ stream: StreamAddress) async throws -> [StoredForm] {
        try await log.store.read(stream, after: .none, limit: 10).map(\.form)
    }

    private static func destroy(_ log: EventLog, _ tenant: TenantID) async throws {
        let key = try #require(try await log.dataKeys.current(nil, of: tenant))
        #expect(try await log.dataKeys.destroy(key, of: tenant)?.destroyedAt != nil)
    }

    /// The tables that hold the word in any column of any row.
    private static func findings(_ word: String, _ database: TestDatabase) async throws -> [String] {
        try await administrate(database) { connection in
            let hex = word.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
            let tables = try connection.execute(
                """
                select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')
                """
            ).map { row throws(PostgresError) in try row.text(0) }
            return try tables.filter { table in
                let sql = "select count(*) from \(table) t where position('\(word)' in t::text) > 0 or position('\(hex)' in t::text) > 0"
                return try (connection.execute(sql).first?.int8(0) ?? 0) > 0
            }
        }
    }
}
