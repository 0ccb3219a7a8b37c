import EventLog
import EventSourcing
import EventStoreConformance
import PostgresDriver
import PostgresTestKit
import Testing
import Vocabulary

@Suite struct `Sweeping the log` {
    @Test func `keys are forgotten a while after they are done, and deliveries that are not done stay`() async throws {
        try await withEventLog({ ($0.keyRetention, $0.sweepRows) = (.seconds(3600), 2) }) { log, database in
            let fixture = ConformanceFixture(store: log.store)
            let tenant: TenantID = fixture.ids.next()
            for number in 0..<7 {
                var batch = fixture.batch(fixture.stream(of: tenant), .none)
                batch.marks = ["key \(number)"]
                try await fixture.append(batch)
            }
            _ = try await log.inbox.accept(fixture.delivery("waiting", tenant: tenant))
            let age = "update inbox set received_at = received_at - interval '2 h', done_at = done_at - interval '2 h' where dedup_key <> 'key 6'"
            _ = try await administrate(database) { try $0.execute(age) }
            await log.sweep()
            let left = try await administrate(database) { try $0.execute("select dedup_key from inbox order by 1").map { try $0.text(0) } }
            #expect(left == ["key 6", "waiting"])
            #expect(try await log.store.receipt(ofMark: "key 0", tenant: tenant) == nil)
        }
    }

    @Test func `snapshots of runs that have ended go, those of runs under way and of what lasts stay`() async throws {
        try await withEventLog({ $0.sweepRows = 2 }) { log, database in
            let fixture = ConformanceFixture(store: log.store)
            let month = Era.month(fixture.ids.now().day.firstOfMonth())
            func stream(_ era: Era) -> StreamAddress {
                StreamAddress(tenant: fixture.ids.next(), stream: fixture.ids.next(), category: ConformanceFixture.category, era: era)
            }
            let (ended, lasting, working, recent) = ((0..<5).map { _ in stream(month) }, stream(.lasting), stream(month), stream(month))
            let anHourAgo = fixture.ids.now() + .seconds(-3601)
            for address in ended + [lasting, working, recent] {
                var batch = fixture.batch(address, .none)
                if address == working { batch.work = .asks(.run, .p2, due: nil) }
                try await fixture.append(batch)
                let time = address == recent ? fixture.ids.now() : anHourAgo
                let snapshot = Snapshot(version: StreamVersion(1), position: 1, recordedAt: time, foldVersion: 1, body: [1])
                try await log.snapshots.save(snapshot, of: address)
            }
            await log.sweep()
            let left = try await administrate(database) { try $0.execute("select stream_id from snapshots").map { StreamID(bits: try $0.uuid(0)) } }
            #expect(Set(left) == [lasting.stream, working.stream, recent.stream])
        }
    }

    @Test func `expired values go in batches, and one that somebody writes at that moment stays`() async throws {
        try await withEventLog({ $0.sweepRows = 10 }) { log, database in
            let isHeld = Gate()
            let isSwept = Gate()
            async let writer: Void = administrate(database) { connection in
                try connection.script(
                    """
                    insert into state_values (scope, key, tenant_id, value, expires_at)
                      select '00000000-0000-0000-0000-000000000000', n, gen_random_uuid(), '', now() - interval '1 s' from generate_series(1, 95) n
                    """)
                try connection.withTransaction {
                    _ = try connection.execute("update state_values set expires_at = null where key = '7'")
                    isHeld.open()
                    isSwept.waitUntilOpen()
                }
            }
            await isHeld.whenOpen()
            await log.sweep()
            isSwept.open()
            try await writer
            let left = try await administrate(database) { try $0.execute("select key from state_values").map { try $0.text(0) } }
            #expect(left == ["7"])
        }
    }
}
