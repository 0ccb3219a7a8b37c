import Glibc
import LoopbackHTTPServer
import ProcessTestKit
import ServerTestKit
import Testing
import Vocabulary

/// Servers on one Postgres and one NATS; the first has both as children and is left alone.
@Suite(.serialized) struct `A cluster of servers` {
    /// How often an owner is stopped and wakes, for how long: longer than its leases last.
    private static let pauses = getenv("FASTN_LONG_TESTS") == nil ? 2 : 200
    private static let pause = Duration.seconds(getenv("FASTN_LONG_TESTS") == nil ? 9 : 20)

    private let nodes: [Server]

    init() async throws {
        let settings = ["FASTN_ALLOW_PRIVATE_ADDRESSES": "1", "FASTN_SANDBOXES": "3"]
        let first = try await Server.start(environment: settings)
        var nodes = [first]
        for _ in 1...2 {
            let joining = [
                "FASTN_DATABASE_URL": first.databaseURL, "FASTN_NATS_URL": first.ready["natsURL"]?.string ?? "",
                "FASTN_VAULT_KEY": first.folder.path("data/vault.key"),
            ]
            nodes.append(try await Server.start(environment: settings.merging(joining) { $1 }))
        }
        self.nodes = nodes
        try await settle(count: 3)
    }

    /// Waits until so many nodes own all slices between them, each its fair share.
    private func settle(count: Int) async throws {
        try await until("\(count) nodes to share the slices", within: .seconds(60)) {
            let shares = try await nodes[0].rows(
                "select count(*)::text from slice_lease where owner is not null and expires_at > clock_timestamp() group by owner")
            return shares.count == count && shares.compactMap(Int.init).reduce(0, +) == Slice.count && shares.allSatisfy { (Int($0) ?? 0) > 40 }
        }
    }

    /// The same customer as another node serves him, by the key of the first.
    private func api(_ node: Server) -> APIClient { APIClient(baseURL: node.baseURL, headers: [(name: "x-fastn-api-key", value: nodes[0].apiKey)]) }

    @Test func `takes calls and webhooks at any node, for customers of every slice`() async throws {
        let customer = try await Customer.make(on: nodes[0])
        try await customer.deploy("double", "export default async (ctx) => ({ twice: 2 * ctx.input.number });", tier: "instant")
        for (number, node) in (0..<12).map({ ($0, nodes[$0 % nodes.count]) }) {
            // Of a customer whose slice is any node's, made by one node and used by the next.
            let other = try await api(node).post("/api/v1/tenants", ["name": .string("Customer \(number)")]).string("id")
            let next = nodes[(number + 1) % nodes.count]
            try await until("customer \(number) to be known") { try await api(next).get("/api/v1/tenants/\(other)").status == 200 }
            let id = try await api(next).post("/api/v1/tenants/\(other)/workflows", [
                "name": "Own", "slug": .string("own-\(number)"), "tier": "instant", "language": "typescript", "code": "export default async () => 7;",
            ]).string("id")
            #expect(try await api(node).post("/api/v1/tenants/\(other)/workflows/\(id)/publish").status < 300)
            let own = try await api(node).with("x-fastn-space-tenantid", customer.id).post("/api/v1/double", ["input": ["number": .int(number)]])
            #expect(own.status == 200 && own.text.contains("\(2 * number)"), "\(own.text)")
        }
    }

    @Test func `goes on within seconds when a node is killed, and loses and doubles nothing`() async throws {
        let outside = try LoopbackHTTPServer { _ in .text("counted") }
        let customers = try await makeCustomers(8, outside)
        var accepted: Set<String> = []
        for round in 0..<40 {
            if round == 20 { try await nodes[2].kill() }
            let alive = round < 20 ? nodes : Array(nodes.prefix(2))
            for (customer, webhook) in customers {
                accepted.insert("\(customer.id) \(try await deliver("\(round)", webhook, to: alive[round % alive.count]))")
            }
        }
        try await settle(count: 2)
        try await expectEachRanOnce(accepted, customers.map(\.0))
    }

    @Test func `a node that is stopped and wakes writes nothing and answers nothing old`() async throws {
        let sleeper = nodes[1]
        var workflows: [(Customer, String)] = []
        for number in 0..<6 {
            let customer = try await Customer.make(on: nodes[0], named: "Customer \(number)")
            workflows.append((customer, try await customer.deploy("flow-\(number)", "export default async () => 1;")))
        }
        for round in 1...Self.pauses {
            let stopped = ContinuousClock.now
            sleeper.program.send(SIGSTOP)
            // Others take its slices over; meanwhile every workflow is disabled, which the sleeper knows as enabled.
            try await settle(count: 2)
            for (customer, id) in workflows { try await switched("disable", id, of: customer, at: nodes[0]) }
            try await until("the end of the pause") { .now - stopped >= Self.pause }
            // Asked while it sleeps, so that it answers before it can have noticed anything.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (customer, id) in workflows { group.addTask { try await switched("enable", id, of: customer, at: sleeper) } }
                sleeper.program.send(SIGCONT)
                try await group.waitForAll()
            }
            // Answered from what it remembered, it would have found nothing to do.
            for (customer, id) in workflows {
                try await until("workflow \(id) to be enabled in round \(round)") {
                    try await nodes[0].api.get(customer.path("/workflows/\(id)"))["status"] == "active"
                }
            }
            try await settle(count: 3)
        }
        let stale = try await nodes[0].rows(
            """
            select slice::text from (select slice, pos, epoch, lag(epoch, 1, 0::int8) over (partition by slice order by pos) as before from events) e
            where epoch < before
            """)
        #expect(stale.isEmpty)
    }

    /// Enables or disables a workflow, as often as it takes while slices change hands.
    private func switched(_ verb: String, _ workflow: String, of customer: Customer, at node: Server) async throws {
        try await until("\(verb) \(workflow)", within: .seconds(60)) {
            let answer = try await api(node).post(customer.path("/workflows/\(workflow)/\(verb)"))
            guard answer.status == 503 || answer.status < 300 else { throw KitError("\(verb) was answered with \(answer.status): \(answer.text)") }
            return answer.status < 300
        }
    }

    private func makeCustomers(_ count: Int, _ outside: LoopbackHTTPServer) async throws -> [(Customer, Webhook)] {
        var customers: [(Customer, Webhook)] = []
        for number in 0..<count {
            let customer = try await Customer.make(on: nodes[0], named: "Customer \(number)")
            let call = "await fastn.connector.http.post(\"\(outside.url("/\(number)"))\", { body: ctx.input });"
            try await customer.deploy("count-\(number)", "export default async (ctx) => { \(call) return 1; }")
            customers.append((customer, try await customer.trigger("github", secret: "hush", routes: [("count-\(number)", nil)])))
        }
        return customers
    }

    /// Delivers at a node until it is accepted; answers the event's id.
    private func deliver(_ delivery: String, _ webhook: Webhook, to node: Server) async throws -> String {
        let path = "/" + webhook.url.split(separator: "/").dropFirst(2).joined(separator: "/")
        let target = Webhook(url: node.baseURL + path, id: webhook.id, scheme: webhook.scheme, secret: webhook.secret)
        return try await value("the acceptance of \(delivery)", within: .seconds(60)) {
            let answer = try await target.deliver(Array(#"{"delivery":"\#(delivery)"}"#.utf8), delivery: delivery, by: api(node))
            guard answer.status != 503 else { return nil }
            return try answer.string("eventId")
        }
    }

    private func expectEachRanOnce(_ accepted: Set<String>, _ customers: [Customer]) async throws {
        for customer in customers {
            let expected = Set(accepted.filter { $0.hasPrefix(customer.id) }.map { String($0.split(separator: " ")[1]) })
            let executions = try await value("the end of \(expected.count) executions", within: .seconds(60)) {
                let rows = try await customer.list("executions")
                return rows.count >= expected.count && rows.allSatisfy { $0["status"] == "completed" } ? rows : nil
            }
            #expect(executions.count == expected.count)
            #expect(Set(executions.compactMap { $0["eventId"]?.string }) == expected)
        }
    }
}
