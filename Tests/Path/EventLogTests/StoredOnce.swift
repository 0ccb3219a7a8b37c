import DriverThreads
import EventLog
import EventSourcing
import PostgresDriver
import Testing
import Vocabulary

/// Expects the log to hold these events and no others, each once and where its receipt says, with dense positions and whole chains.
func expectStoredOnce(_ receipts: [EventID: AppendReceipt], _ configuration: PostgresConfiguration) async throws {
    let stored = try await DedicatedThread.run(name: "test-stored") { () throws in
        let connection = try BlockingPostgresConnection(configuration: configuration)
        return try connection.execute("select slice, pos, event_id, count(*) over (partition by event_id) from events order by slice, pos").map {
            (slice: try $0.int2(0), position: try $0.int8(1), event: EventID(bits: try $0.uuid(2)), copies: try $0.int8(3))
        }
    }
    #expect(stored.count == receipts.count)
    #expect(stored.allSatisfy { $0.copies == 1 })
    for row in stored {
        let place = receipts[row.event]?.first
        #expect(place?.slice.number == row.slice && place?.position == row.position)
    }
    for rows in Dictionary(grouping: stored, by: \.slice).values {
        #expect(rows.map(\.position) == Array(1...Int64(rows.count)))
    }
    let chains = try await LogVerifier(connectionString: configuration.connectionString, checkpoints: "/nonexistent", publicKey: []).run()
    #expect(chains.fault == nil && chains.events == stored.count)
}
