import LoopbackHTTPServer
import ProcessTestKit
import ServerTestKit
import Testing
import Vocabulary

/// Credentials reach the place they are for, and no other.
@Suite struct SecretsTests {
    private static let token = "tok-5f1e9a7c2b"

    @Test func `a connection's credentials are put into calls and shown nowhere`() async throws {
        let customer = try await SharedServer.customer()
        // A server that repeats what it is sent, as some do in their error messages.
        let outside = try LoopbackHTTPServer { .text("you sent \($0.value("authorization") ?? "nothing")") }
        let made = try await customer.server.api.post(
            customer.path("/connections"), ["name": "crm", "auth": ["type": "bearer", "token": .string(Self.token)]])
        // A busy server answers 202 when its views do not show the change within two seconds.
        #expect([201, 202].contains(made.status))
        try await customer.deploy(
            "caller",
            """
            export default async function () {
              const answer = await fastn.connector.http.get({ url: "\(outside.url())", connection: "crm" });
              console.log(answer.body);
              return answer;
            }
            """)

        let execution = try await customer.run("caller")

        #expect(execution["status"] == "completed", "\(execution["error"]?.text ?? "")")
        #expect(outside.requests.map { $0.value("authorization") } == ["Bearer \(Self.token)"])
        try await expectUnseen(Self.token, by: customer, execution)
    }

    @Test func `a secret reaches the workflow that asks for it and is shown nowhere`() async throws {
        let customer = try await SharedServer.customer()
        let outside = try LoopbackHTTPServer { _ in .text("thanks") }
        #expect(try await customer.server.api.put(customer.path("/secrets/SHOP_KEY"), ["value": .string(Self.token)]).status == 204)
        try await customer.deploy(
            "reader",
            """
            export default async function () {
              const key = await fastn.secrets.get("SHOP_KEY");
              await fastn.connector.http.post("\(outside.url())", { headers: { "x-key": key }, body: { key } });
              console.log(`the key is ${key}`);
              return { key };
            }
            """)

        let execution = try await customer.run("reader")

        #expect(execution["status"] == "completed", "\(execution["error"]?.text ?? "")")
        #expect(outside.requests.map { $0.value("x-key") } == [Self.token])
        try await expectUnseen(Self.token, by: customer, execution)
        #expect(try await customer.list("secrets").map { $0["name"] } == ["SHOP_KEY"])
    }

    @Test func `one customer's secret is not another's`() async throws {
        let owner = try await SharedServer.customer()
        let other = try await Customer.make(on: owner.server)
        #expect(try await owner.server.api.put(owner.path("/secrets/KEY"), ["value": .string(Self.token)]).status == 204)
        try await other.deploy("reader", "export default async function () { return await fastn.secrets.get('KEY'); }")
        let execution = try await other.run("reader")
        #expect(execution["status"] == "failed")
        #expect(execution["error"]?["name"] == "SecretNotFound")
    }

    /// Nothing that can be read has the text in it.
    private func expectUnseen(_ text: String, by customer: Customer, _ execution: JSONValue) async throws {
        #expect(!execution.text.contains(text))
        for list in ["connections", "secrets", "executions", "events", "audit-log"] {
            let rows = try await customer.list(list)
            #expect(!JSONValue.array(rows).text.contains(text), "\(list)")
        }
        let event = try #require(execution["eventId"]?.string)
        #expect(try await !customer.server.api.get(customer.path("/events/\(event)")).text.contains(text))
        #expect(!customer.server.log.contains(text))
    }
}
