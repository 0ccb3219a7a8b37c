import EventLog
import EventSourcing
import Logging
import PostgresDriver
import ProcessTestKit
import ServerTestKit
import Testing
import Vocabulary

/// `fastn verify --state` against a server that serves.
@Suite struct VerifyStateTests {
    private static let code = "export default async () => { await fastn.state.set(\"n\", 1); return 1; };"

    @Test func `finds a server under load equal to its log, and names the entity whose snapshot was forged`() async throws {
        let server = try await Server.start()
        let customer = try await Customer.make(on: server)
        try await customer.deploy("work", Self.code, tier: "instant")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask { while !Task.isCancelled { _ = try await customer.call("work") } }
            }
            for _ in 0..<3 {
                let (report, exitCode) = try await verify(server)
                #expect(exitCode == 0)
                #expect(report["equal"] == true)
                // Space, customers, workflow and what runs.
                #expect(report["entities"]?.integer ?? 0 >= 4)
                // At least the new customer and its workflow are in the server's memory.
                #expect(report["live"]?.integer ?? 0 >= 2)
            }
            group.cancelAll()
        }
        try await forgeSnapshot(of: customer, server)
        let (report, exitCode) = try await verify(server)
        #expect(exitCode == 1)
        let difference = try #require(report["difference"])
        #expect(difference["id"]?.string == customer.id && difference["kind"] == "tenant")
        #expect(difference["source"] == "snapshot" && difference["version"] == 1)
        #expect(difference["field"]?.string?.hasPrefix("/") == true)
        try await server.interrupt()
    }

    private func verify(_ server: Server) async throws -> (JSONValue, Int32) {
        let outcome = try await FastnProcess.run(["verify", "--state", "--json"], in: server.folder)
        guard !outcome.output.isEmpty else { throw KitError("verify said nothing: \(outcome.error)") }
        return (try JSONValue(parsing: outcome.output), outcome.exitCode)
    }

    /// Writes a snapshot as the server would, under its own keys, of a customer that does not exist: `{"absent": {}}`.
    private func forgeSnapshot(of customer: Customer, _ server: Server) async throws {
        let rows = try await server.rows(
            "select pos || ' ' || (extract(epoch from recorded_at) * 1000000)::int8 from events where stream_id = '\(customer.id)' and version = 1")
        let place = try #require(rows.first).split(separator: " ").compactMap { Int64($0) }
        let tenant = try #require(TenantID(customer.id))
        let address = StreamAddress(tenant: tenant, stream: tenant.recast(), category: Category("tenant"))
        let forged = Snapshot(
            version: StreamVersion(1), position: place[0], recordedAt: Timestamp(microseconds: place[1]), foldVersion: 1,
            body: [0xa1, 0x66, 0x61, 0x62, 0x73, 0x65, 0x6e, 0x74, 0xa0])
        let configuration = EventLogConfiguration(connectionString: server.databaseURL, keyFile: server.folder.path("data/vault.key"))
        let log = EventLog(
            configuration: configuration, ids: ClosureIDSource(clock: { Timestamp(microseconds: place[1]) }, random: { .random(in: .min ... .max) }),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        try log.openKeys()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await log.pool.run() }
            try await log.snapshots.save(forged, of: address)
            group.cancelAll()
        }
    }
}
