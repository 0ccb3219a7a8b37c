import ProcessTestKit
import ReplicaTestKit
import ServerTestKit
import Testing
import Vocabulary

/// A server whose Postgres dies and is replaced by its standby, seen from outside.
@Suite struct FailoverTests {
    @Test func `every accepted webhook runs once although Postgres fails over under load, and the server is not started again`() async throws {
        let pair = try await PostgresPair.start(.synchronous)
        let server = try await Server.start(environment: ["FASTN_DATABASE_URL": pair.connectionString])
        let customer = try await Customer.make(on: server)
        try await customer.deploy("echo", "export default async function (ctx) { await fastn.state.set(ctx.input.delivery, 1); return ctx.input; }")
        let webhook = try await customer.trigger("github", secret: "hush", routes: [("echo", nil)])
        let load = Load(webhook: webhook) { server }
        try await load.run {
            try await until("load before the failover", within: .seconds(180)) { load.accepted.count >= 40 }
            try await pair.kill(.first)
            try await pair.promote()
            let accepted = load.accepted.count
            try await until("load after the failover", within: .seconds(180)) { load.accepted.count >= accepted + 40 }
        }
        try await expectNothingLeft(server)
        try await expectEachRanOnce(load.accepted, of: ["echo"], customer: customer)
        try await expectDensePositions(server)
        #expect(!server.program.hasEnded)
        #expect(server.log.contains("the event log goes on with another server"))
    }

    @Test func `a standby that lacks acknowledged events ends the server, which says what is lost and goes on when that is accepted`() async throws {
        let pair = try await PostgresPair.start(.asynchronous)
        let environment = ["FASTN_DATABASE_URL": pair.connectionString]
        let server = try await Server.start(environment: environment)
        let customer = try await Customer.make(on: server, named: "Kept")
        try await pair.cutStream()
        let lost = try await Customer.make(on: server, named: "Lost")
        try await pair.kill(.first)
        try await pair.promote()
        // The next write finds out.
        #expect(try await server.api.post("/api/v1/tenants", ["name": "Refused"]).status == 503)
        let outcome = try await server.program.ended(within: .seconds(120))
        #expect(outcome.exitCode == 1 && outcome.error.contains("the database lacks acknowledged events"), "\(outcome.error)")

        let refused = try await FastnProcess.run(["serve"], environment: environment, in: server.folder)
        #expect(refused.exitCode == 1 && refused.error.contains("fastn serve --accept-loss"), "\(refused.error)")
        let verified = try await FastnProcess.run(["verify"], environment: environment, in: server.folder)
        #expect(verified.exitCode == 1 && verified.output.contains("truncated"), "\(verified.output)\(verified.error)")

        let again = try await Server.start(in: server.folder, environment: environment, arguments: ["--accept-loss"])
        #expect(try await again.api.get("/api/v1/tenants/\(customer.id)").status == 200)
        #expect(try await again.api.get("/api/v1/tenants/\(lost.id)").status == 404)
        let accepted = try await FastnProcess.run(["verify"], environment: environment, in: server.folder)
        #expect(accepted.exitCode == 0 && accepted.output.contains("accepts that slice"), "\(accepted.output)\(accepted.error)")
        _ = try await Customer.make(on: again, named: "New")
    }
}
