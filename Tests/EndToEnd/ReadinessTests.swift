import ProcessTestKit
import ServerTestKit
import Testing
import Vocabulary

/// What a server says of itself, and what it does, while a store that it needs is away.
@Suite struct ReadinessTests {
    @Test func `without its database a server is not ready, refuses for now, and goes on when it is back`() async throws {
        let server = try await Server.start()
        let customer = Customer(server: server, id: server.demoTenant)
        let webhook = try await customer.trigger("github", secret: "hush", routes: [])
        try await isReady(server)
        let database = try #require(try await server.rows("select current_database()::text").first)

        try await server.execute("alter database \(database) allow_connections false", in: "template1")
        try await server.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = '\(database)'", in: "template1")
        let away = try await value("a server that is not ready") {
            let answer = try await server.api.get("/readyz")
            return answer.status == 503 ? answer : nil
        }
        let refused = try await value("a delivery that is refused") {
            let answer = try await webhook.deliver(Array("{}".utf8), delivery: "d1", by: server.api)
            return answer.status == 503 ? answer : nil
        }
        let call = try await server.api.get(customer.path("/executions"))
        try await server.execute("alter database \(database) allow_connections true", in: "template1")

        #expect(away["message"]?.string?.contains("database: unreachable, nats: ok") == true, "\(away.text)")
        #expect(away["code"] == "UNAVAILABLE")
        #expect(refused.headers.contains { $0.name == "retry-after" }, "\(refused.text)")
        #expect(call.status == 503, "\(call.text)")
        try await isReady(server)
        try await until("a delivery that is taken") {
            try await webhook.deliver(Array("{}".utf8), delivery: "d2", by: server.api).status == 202
        }
    }

    @Test func `without room for next month's events a server is not ready`() async throws {
        let server = try await Server.start()
        try await isReady(server)
        let next = "to_char(date_trunc('month', now() at time zone 'UTC') + interval '1 month', '\"events_\"YYYY_MM')"
        let partition = try #require(try await server.rows("select \(next)").first)

        try await server.execute("drop table \(partition)")

        try await until("a server that is not ready") {
            try await server.api.get("/readyz")["message"]?.string?.contains("no partition for next month") == true
        }
        #expect(try await server.api.get("/healthz").status == 200)
    }

    private func isReady(_ server: Server) async throws {
        try await until("a server that is ready") { try await server.api.get("/readyz").status == 200 }
        // The views may still be on their way back.
        let answer = try await server.api.get("/readyz")
        #expect(answer["database"] == "ok" && answer["nats"] == "ok", "\(answer.text)")
    }
}
