import EventLog
import EventSourcing
import EventStoreConformance
import PostgresDriver
import SnapshotStoreConformance
import Testing
import Vocabulary

@Suite struct `Snapshots in Postgres` {
    @Test func `keep the promises of snapshots`() async throws {
        try await withEventLog { log, _ in
            for check in SnapshotStoreConformance.checks {
                do { try await check.run(on: log.snapshots) } catch { Issue.record("\(check): \(error)") }
            }
        }
    }

    @Test(arguments: [
        "body = body || '\\x00'", "version = version - 1", "pos = pos + 1", "recorded_at = recorded_at + interval '1 us'", "provenance = '\\x01'",
        "stream_id = 'ffffffff-ffff-7fff-8fff-ffffffffffff'", "checksum = '\\x00'", "codec = 1",
    ])
    func `that were changed in the table are as good as none`(_ change: String) async throws {
        try await withEventLog { log, database in
            let fixture = ConformanceFixture(store: log.store)
            let address = fixture.stream()
            let snapshot = Snapshot(version: StreamVersion(3), position: 7, recordedAt: .epoch, foldVersion: 1, body: [1, 2, 3])
            try await log.snapshots.save(snapshot, of: address)
            #expect(try await log.snapshots.latest(of: address, foldVersion: 1, upTo: nil, withProvenance: false) == snapshot)
            try await administrate(database) { _ = try $0.execute("update snapshots set \(change)") }
            let moved = StreamAddress(
                tenant: address.tenant, stream: StreamID("ffffffff-ffff-7fff-8fff-ffffffffffff") ?? address.stream, category: address.category)
            for address in [address, moved] {
                #expect(try await log.snapshots.latest(of: address, foldVersion: 1, upTo: nil, withProvenance: false) == nil)
            }
        }
    }
}
