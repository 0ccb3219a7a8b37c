import ProcessTestKit
import ServerTestKit
import Testing
import Vocabulary

/// What is known of a person, from his delivery to the last view, and what is left of it.
@Suite struct ErasureTests {
    private static let anna = "anna-canary@example.com"
    private static let bert = "bert-canary@example.com"

    /// Carries the person's name into the journal, the state, the console, the failure and the result.
    private static let code = """
        export default async function (ctx) {
          const email = ctx.input.customer.email;
          await fastn.state.set("last", { email }, { scope: "INVOCATION" });
          console.log(`the order of ${email}`);
          try { await fastn.secrets.get(`key of ${email}`); } catch (error) { console.error(error.message); }
          if (ctx.input.fails) { throw new Error(`no order for ${email}`); }
          return { email };
        }
        """

    @Test func `a person's data is gone from every table, view and answer, and nobody else's; then a customer's, whole`() async throws {
        let server = try await Server.start()
        let customer = try await Customer.make(on: server)
        let (webhook, hers) = try await Self.orders(of: customer)
        let before = try await server.tables(with: Self.anna)
        #expect(before == ["execution_logs", "execution_steps", "executions"], "\(before)")

        let outcome = try await Self.erase([Self.anna, "--reason", "asked for it", "--json"], customer)
        #expect(outcome.exitCode == 0, "\(outcome.error)")
        let erasure = try JSONValue(parsing: outcome.output)
        #expect(erasure["scope"] == "subject" && erasure["reason"] == "asked for it" && !erasure.text.contains("canary"), "\(erasure.text)")
        try await Self.expectAnswersErased(hers, customer)
        try await Self.completed(try #require(erasure["id"]?.string), customer)

        #expect(try await server.tables(with: Self.anna).isEmpty)
        try await Self.expectListsWithout(Self.anna, customer)
        #expect(try await !server.tables(with: Self.bert).isEmpty)
        // Asked again it answers the same, and knows nobody of whom nothing was kept.
        let again = try JSONValue(parsing: try await Self.erase([Self.anna, "--reason", "again", "--json"], customer).output)
        #expect(again["id"] == erasure["id"] && again["reason"] == "asked for it")
        #expect(try await Self.erase(["nobody@example.com", "--reason", "asked"], customer).exitCode != 0)
        for check in [["verify"], ["verify", "--state"], ["projections", "rebuild"]] {
            let checked = try await FastnProcess.run(check, in: server.folder)
            #expect(checked.exitCode == 0, "\(check): \(checked.output)\(checked.error)")
        }
        #expect(try await server.tables(with: Self.anna).isEmpty)

        let whole = try await Self.erase(["--everything", "--reason", "end of contract", "--json"], customer)
        #expect(whole.exitCode == 0, "\(whole.error)")
        try await Self.completed(try #require(try JSONValue(parsing: whole.output)["id"]?.string), customer)
        #expect(try await server.tables(with: "canary").isEmpty)
        try await Self.expectListsWithout("canary", customer)
        #expect(try await webhook.deliver(Self.order(Self.bert), delivery: "late", by: server.api).status == 401)
        #expect(try await server.rows("select name from vault where tenant_id = '\(customer.id)'").isEmpty)
        let actions = try await customer.list("audit-log").filter { $0["action"] == "erasure.request" }
        #expect(actions.compactMap { $0["reason"]?.string }.sorted() == ["asked for it", "end of contract"])
        #expect(try await FastnProcess.run(["verify"], in: server.folder).exitCode == 0)
        #expect(!server.log.contains("canary"))
        try await server.interrupt()
    }

    /// Two orders of one person, one of which fails, and one of another; answers the trigger, and her events and executions.
    private static func orders(of customer: Customer) async throws -> (Webhook, [(event: String, execution: String)]) {
        try await customer.deploy("order", code)
        let webhook = try await customer.trigger("github", secret: "hush", routes: [("order", nil)])
        let changed = try await customer.server.api.put(customer.path("/triggers/\(webhook.id)"), ["subject": "/customer/email"])
        #expect(changed.status == 200 && changed["subject"] == "/customer/email", "\(changed.text)")
        try await until("the trigger to name its subject") {
            try await customer.server.api.get(customer.path("/triggers/\(webhook.id)"))["subject"] == "/customer/email"
        }
        var hers: [(event: String, execution: String)] = []
        for (delivery, body) in [("1", order(anna)), ("2", order(anna, fails: true)), ("3", order(bert))] {
            let event = try await webhook.deliver(body, delivery: delivery, by: customer.server.api).string("eventId")
            let execution = try #require(try await customer.executions(ofEvent: event, count: 1).first?["id"]?.string)
            if delivery != "3" { hers.append((event, execution)) }
        }
        return (webhook, hers)
    }

    private static func order(_ email: String, fails: Bool = false) -> [UInt8] {
        JSONValue.object(["customer": ["email": .string(email)], "fails": .bool(fails)]).encoded
    }

    private static func erase(_ arguments: [String], _ customer: Customer) async throws -> FastnProcess.Outcome {
        try await FastnProcess.run(["erase"] + arguments, environment: ["FASTN_TENANT_ID": customer.id], in: customer.server.folder)
    }

    private static func completed(_ erasure: String, _ customer: Customer) async throws {
        try await until("the end of erasure \(erasure)") {
            try await customer.server.api.get(customer.path("/erasures/\(erasure)"))["status"] == "completed"
        }
    }

    /// What shows one of her events or executions shows that it is erased, at once; nothing of it can be run again.
    private static func expectAnswersErased(_ hers: [(event: String, execution: String)], _ customer: Customer) async throws {
        let api = customer.server.api
        for (event, execution) in hers {
            for path in [
                "/events/\(event)", "/events/\(event)/as-of", "/events/\(event)/history", "/executions/\(execution)/as-of",
                "/executions/\(execution)/history", "/executions/\(execution)?asOf=now",
            ] {
                let answer = try await api.get(customer.path(path))
                #expect(answer.status == 200 && !answer.text.contains(anna), "\(path): \(answer.text)")
            }
            #expect(try await api.get(customer.path("/events/\(event)"))["body"] == "{\"erased\":true}")
            #expect(try await api.post(customer.path("/executions/\(execution)/replay")).status == 409)
        }
    }

    private static func expectListsWithout(_ word: String, _ customer: Customer) async throws {
        for list in ["executions", "events", "audit-log", "triggers"] {
            #expect(try await !JSONValue.array(customer.list(list)).text.contains(word), "\(list)")
        }
        for execution in try await customer.list("executions").compactMap({ $0["id"]?.string }) {
            #expect(try await !customer.server.api.get(customer.path("/executions/\(execution)")).text.contains(word))
        }
    }
}
