import EventLog
import EventSourcing
import EventStoreConformance
import PostgresDriver
import PostgresTestKit
import ProcessTestKit
import Testing
import Vocabulary

@Suite struct `A copy of the log that is restored from a dump` {
    @Test func `is read and written on under a history of its own, and its original is refused from then on`() async throws {
        try await withEmptyLog { database, configuration in
            let folder = try ScratchFolder()
            let configuration = exporting(configuration, to: folder)
            let original = try await prepared(configuration)
            let stream = ConformanceFixture(store: original.store).stream()
            try await withRunning(original) {
                let fixture = ConformanceFixture(store: original.store)
                try await fixture.append(fixture.batch(stream, .none, count: 3))
            }
            let history = try await self.history(of: database)

            try await withTestDatabase { copied in
                try await restore(database, to: copied, folder)
                var copying = configuration
                copying.connectionString = copied.loopbackConnectionString
                let copy = try await prepared(copying)
                #expect(try await self.history(of: copied) != history)
                #expect(try await verify(copied, folder).isCopy)
                try await withRunning(copy) {
                    let fixture = ConformanceFixture(store: copy.store)
                    let events = try await copy.store.read(stream, after: .none, limit: 10)
                    let receipt = try await fixture.append(fixture.batch(stream, .exactly(StreamVersion(3))))
                    #expect(events.count == 3 && receipt.first.position == 4)
                }
                // The copy's own checkpoint stands beside those before it, and it holds to them all.
                let verification = try await verify(copied, folder)
                #expect(verification.fault == nil && !verification.isCopy && verification.checkpoints == 2)
                _ = try await prepared(copying)
            }

            let stale = try await verify(database, folder)
            #expect(stale.fault?.kind == .truncated && stale.isCopy)
            let refusal = await #expect(throws: LostEvents.self) { _ = try await prepared(configuration) }
            #expect(refusal?.gaps.map(\.acknowledged) == [4])
            #expect(try await self.history(of: database) == history)
        }
    }

    private func exporting(_ configuration: EventLogConfiguration, to folder: ScratchFolder) -> EventLogConfiguration {
        var configuration = configuration
        configuration.checkpoints = CheckpointSettings(
            folder: folder.path("checkpoints"), keyFile: folder.path("checkpoint.key"), publicKeyFile: folder.path("checkpoint.pub"))
        return configuration
    }

    private func prepared(_ configuration: EventLogConfiguration) async throws -> EventLog {
        let log = EventLog(configuration: configuration, ids: SystemIDs(), logger: silentLogger)
        try await log.prepare()
        return log
    }

    private func history(of database: TestDatabase) async throws -> String {
        let histories = try await administrate(database) { connection in
            try connection.execute("select distinct history::text from slice_head").map { try $0.text(0) }
        }
        return try #require(histories.count == 1 ? histories[0] : nil)
    }

    private func restore(_ database: TestDatabase, to copy: TestDatabase, _ folder: ScratchFolder) async throws {
        let outcome = try await FastnProcess.shell(
            "pg_dump '\(database.connectionString)' >dump.sql && psql -Xq -v ON_ERROR_STOP=1 -f dump.sql '\(copy.connectionString)'", in: folder)
        try #require(outcome.exitCode == 0, "\(outcome.error)")
    }

    private func verify(_ database: TestDatabase, _ folder: ScratchFolder) async throws -> LogVerification {
        let key = try PublicKeyFile(path: folder.path("checkpoint.pub")).read()
        return try await LogVerifier(connectionString: database.connectionString, checkpoints: folder.path("checkpoints"), publicKey: key).run()
    }
}
