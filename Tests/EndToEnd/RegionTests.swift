import ProcessTestKit
import ServerTestKit
import Testing
import Vocabulary

/// An installation with two databases: it was made with one, and a region was added.
@Suite struct RegionTests {
    private static let abroad = "fastn_eu"
    private static let variable = "FASTN_DATABASE_URL_EU"

    private let server: Server
    private let environment: [String: String]

    init() async throws {
        let alone = try await Server.start()
        try await alone.execute("create database \(Self.abroad)")
        environment = [Self.variable: alone.url(of: Self.abroad)]
        try await alone.interrupt()
        server = try await Server.start(in: alone.folder, environment: environment)
    }

    private func customer(_ name: String, _ externalID: String, _ region: String) async throws -> Customer {
        let answer = try await server.api.post(
            "/api/v1/tenants", ["name": .string(name), "externalId": .string(externalID), "region": .string(region)])
        let id = try answer.string("id")
        try await until("customer \(name)") { try await server.api.get("/api/v1/tenants/\(externalID)")["region"] == .string(region) }
        return Customer(server: server, id: id)
    }

    @Test func `a customer's data lives in his region's database, and the space sees all customers in one`() async throws {
        let anna = try await customer("Canary Anna", "anna", "eu")
        let ben = try await customer("Robin Ben", "ben", "main")
        var order: [String] = []
        for round in 1...3 {
            for (customer, word) in [(anna, "canary"), (ben, "robin")] {
                if round == 1 {
                    let code = "export default async (ctx) => { await fastn.state.set('last', ctx.input); return ctx.input; };"
                    try await customer.deploy("echo", code)
                    #expect(try await server.api.put(customer.path("/secrets/TOKEN"), ["value": .string(word)]).status < 300)
                }
                order.append(try await customer.run("echo", ["word": .string("\(word)-\(round)")])["id"]?.string ?? "")
            }
        }
        let webhook = try await anna.trigger("github", secret: "hush", routes: [("echo", nil)])
        let delivered = try await webhook.deliver(Array(#"{"word":"canary-hook"}"#.utf8), delivery: "d1", by: server.api).string("eventId")
        order += try await anna.executions(ofEvent: delivered, count: 1).compactMap { $0["id"]?.string }

        // The space's list, page by page: the newest first, whichever database they are in.
        let space = Customer(server: server, id: server.spaceID)
        try await until("all executions to be listed") { try await space.list("executions").count == order.count }
        #expect(try await space.list("executions", query: "limit=2").compactMap { $0["id"]?.string } == order.reversed())
        #expect(Set(try await space.list("audit-log").compactMap { $0["tenantId"]?.string }).isSuperset(of: [anna.id, ben.id]))
        #expect(try await server.api.get(anna.path("/executions/\(order[0])"))["status"] == "completed")
        #expect(try await server.api.post(anna.path("/executions/\(order[0])/replay"))["same"] == true)
        let usage = try await server.api.get("/api/v1/billing/usage")["data"]?.array ?? []
        let users = Set(usage.compactMap { $0["tenantId"]?.string })
        #expect(users.isSuperset(of: [anna.id, ben.id]), "\(usage)")
        #expect(try await space.list("audit-log").contains { $0["action"] == "placement.claim" })
        #expect(try await server.api.get(anna.path("/as-of")).text.contains("Canary Anna"))

        #expect(try await server.tables(with: "anary").isEmpty)
        #expect(try await server.tables(with: "canary").isEmpty)
        #expect(try await server.tables(with: "obin", in: Self.abroad).isEmpty)
        #expect(try await !server.tables(with: "anary Anna", in: Self.abroad).isEmpty)
        #expect(try await server.rows("select count(*)::text from vault", in: Self.abroad) == ["2"], "a secret and a trigger's")
        try await expectVerified()
    }

    @Test func `an external id is one customer's in all regions`() async throws {
        _ = try await customer("Anna", "anna", "eu")
        _ = try await customer("Ben", "ben", "main")
        for (taken, region) in [("anna", "main"), ("ben", "eu"), ("anna", "eu")] {
            let answer = try await server.api.post(
                "/api/v1/tenants", ["name": "Another", "externalId": .string(taken), "region": .string(region)])
            #expect(answer.status == 409, "\(answer.text)")
            #expect(answer["errors"]?.array?.first?["pointer"] == "/externalId")
        }
        let nowhere = try await server.api.post("/api/v1/tenants", ["name": "Another", "region": "moon"])
        #expect(nowhere.status == 400)
        #expect(nowhere["errors"]?.array?.first?["message"] == "must be one of main, eu")
    }

    @Test func `a region that is away takes the customers of no other with it, and comes back`() async throws {
        let (anna, ben) = (try await customer("Anna", "anna", "eu"), try await customer("Ben", "ben", "main"))
        for customer in [anna, ben] { try await customer.deploy("seven", "export default async () => 7;", tier: "instant") }
        try await server.execute("alter database \(Self.abroad) allow_connections false", in: "template1")
        try await server.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = '\(Self.abroad)'", in: "template1")
        try await until("the region to be reported") {
            let answer = try await server.api.get("/readyz")
            return answer.status == 200 && answer["status"] == "degraded" && answer["regions"]?.array?.first?["database"] == "unreachable"
        }
        for _ in 1...5 { #expect(try await ben.call("seven").text == "7") }
        #expect(try await server.api.get(ben.path("/executions")).status == 200)
        #expect(try await anna.call("seven").status == 503)
        #expect(try await server.api.get(anna.path("/executions")).status == 503)
        #expect(try await server.api.get("/api/v1/tenants").status == 503, "a list without the region's customers would be taken for the whole")
        try await until("the status to name the region") {
            let answer = try await server.api.get("/api/v1/operator/status")
            return answer.status == 200 && answer.text.contains("region eu: ")
        }

        try await server.execute("alter database \(Self.abroad) allow_connections true", in: "template1")
        try await until("the region to be back") { try await anna.call("seven").text == "7" }
        try await until("the server to be whole") { try await server.api.get("/readyz")["status"] == "ok" }
    }

    @Test func `a server starts while a region is away, and serves it when it is back`() async throws {
        let (anna, ben) = (try await customer("Anna", "anna", "eu"), try await customer("Ben", "ben", "main"))
        for customer in [anna, ben] { try await customer.deploy("seven", "export default async () => 7;", tier: "instant") }
        try await server.execute("alter database \(Self.abroad) allow_connections false", in: "template1")
        try await server.interrupt()
        let again = try await Server.start(in: server.folder, environment: environment)
        #expect(try await again.api.get("/readyz")["status"] == "degraded")
        let others = Customer(server: again, id: ben.id)
        #expect(try await others.call("seven").text == "7")
        #expect(try await Customer(server: again, id: anna.id).call("seven").status == 503)
        try await again.execute("alter database \(Self.abroad) allow_connections true", in: "template1")
        try await until("the region to be served", within: .seconds(60)) { try await Customer(server: again, id: anna.id).call("seven").text == "7" }
        try await until("the server to be whole") { try await again.api.get("/readyz")["status"] == "ok" }
    }

    @Test func `a server that is not told of a region's database, or of a wrong one, does not start`() async throws {
        let shares = try await server.rows("select count(*)::text from slice_regions where region = 'eu'")
        #expect(shares == ["128"])
        #expect(try await server.rows("select count(*)::text from slice_lease where owner is not null", in: Self.abroad) == shares)
        let settings = [
            "FASTN_LISTEN": "127.0.0.1:0", "FASTN_DATABASE_URL": server.databaseURL, "FASTN_NATS_URL": server.ready["natsURL"]?.string ?? "",
            "FASTN_VAULT_KEY": server.folder.path("data/vault.key"),
        ]
        func refusal(_ others: [String: String]) async throws -> String {
            let outcome = try await FastnProcess.run(["serve"], environment: settings.merging(others) { $1 }, in: ScratchFolder())
            #expect(outcome.exitCode != 0)
            return outcome.error.split(separator: "\n").last.map(String.init) ?? ""
        }
        #expect(try await refusal([:]).hasPrefix("fastn: \(Self.variable) is not set: "))
        let name = "fastn: \(Self.variable): "
        #expect(try await refusal([Self.variable: server.databaseURL]).hasPrefix("\(name)the database named for the region eu is that"))
        // A region that nobody lives in yet must be there; one that is away comes back.
        let us = try await refusal([Self.variable: server.url(of: Self.abroad), "FASTN_DATABASE_URL_US": server.url(of: "nowhere")])
        #expect(us.hasPrefix("fastn: FASTN_DATABASE_URL_US: "), "\(us)")
        try await server.execute("create database elsewhere")
        let elsewhere = try await refusal([Self.variable: server.url(of: "elsewhere")])
        #expect(elsewhere.hasPrefix("\(name)customers of the region eu live in another database"))
        #expect(try await server.rows("select relname::text from pg_class where relname = 'events'", in: "elsewhere").isEmpty, "it was left alone")
        let swapped = try await refusal(["FASTN_DATABASE_URL": server.url(of: Self.abroad)])
        #expect(swapped.hasPrefix("fastn: FASTN_DATABASE_URL: the database named for the region main"))
        #expect(try await refusal(["FASTN_DATABASE_URL_EU": "x", "FASTN_DATABASE_URL_eu": "y"]).contains("the region eu is named twice"))
        #expect(try await refusal(["FASTN_DATABASE_URL_1": "x"]).contains("\"1\" is no region's name"))
        let stranger = try await Server.start()
        let foreign = try await refusal([Self.variable: stranger.databaseURL])
        #expect(foreign == "\(name)the database named for the region eu belongs to another installation")
    }

    /// Both logs are intact, and both databases' entities what their events make of them.
    private func expectVerified() async throws {
        let log = try await FastnProcess.run(["verify", "--json"], in: server.folder)
        #expect(log.exitCode == 0, "\(log.error)")
        let found = try JSONValue(parsing: log.output)
        #expect(found["intact"] == true)
        #expect(found["regions"]?.array?.first?["region"] == "eu")
        #expect(found["regions"]?.array?.first?["intact"] == true)
        #expect((found["regions"]?.array?.first?["events"]?.integer ?? 0) > 10)
        let states = try await FastnProcess.run(["verify", "--state", "--json"], in: server.folder)
        #expect(try JSONValue(parsing: states.output)["equal"] == true, "\(states.error)")
        let alone = try await FastnProcess.run(["verify", "--database", server.url(of: Self.abroad), "--json"], in: server.folder)
        #expect(alone.exitCode == 0, "\(alone.output)")
        // Without the server's word, the environment's counts.
        let untold = try await FastnProcess.run(["verify"], environment: ["FASTN_DATABASE_URL": server.databaseURL], in: server.folder)
        #expect(untold.exitCode == 2)
        #expect(untold.error.contains("\(Self.variable) is not set"))
    }
}
