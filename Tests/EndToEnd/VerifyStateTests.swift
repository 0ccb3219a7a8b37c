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

    /// Writes a snapshot as the server would, checksum and all, of a customer that does not exist: `{"absent": {}}`.
    private func forgeSnapshot(of customer: Customer, _ server: Server) async throws {
        let forged = try await server.rows(
            """
            with forged as (
              select slice, stream_id, version, tenant_id, pos, recorded_at, 1 as fold_version, '\\xa166616273656e74a0'::bytea as body
              from events where stream_id = '\(customer.id)' and version = 1)
            insert into snapshots (slice, stream_id, version, tenant_id, pos, recorded_at, fold_version, codec, body, checksum)
            select slice, stream_id, version, tenant_id, pos, recorded_at, fold_version, 1, body, sha256(
              uuid_send(tenant_id) || uuid_send(stream_id) || int4send(version) || int8send(pos)
              || int8send((extract(epoch from recorded_at) * 1000000)::int8) || int4send(fold_version) || int8send(length(body)) || body)
            from forged returning stream_id::text
            """)
        #expect(forged == [customer.id])
    }
}
