import Cryptography
import Glibc
import LoopbackHTTPServer
import ProcessTestKit
import ServerTestKit
import Testing
import Vocabulary

/// What is delivered starts what it should, once, and with every byte.
@Suite struct WebhookTests {
    private static let echo = "export default async function (ctx) { return ctx.input; }"

    @Test func `a GitHub event starts the one workflow whose filter it matches, with its input intact`() async throws {
        let customer = try await SharedServer.customer()
        try await customer.deploy("opened", Self.echo)
        try await customer.deploy("closed", Self.echo)
        let webhook = try await customer.trigger(
            "github", secret: "hush", routes: [("opened", ["action": "opened"]), ("closed", ["action": "closed"])])
        let body = try Fixtures.githubIssueOpened()

        let receipt = try await webhook.deliver(body, delivery: "d1", event: "issues", by: customer.server.api)
        #expect(receipt.status == 202)
        let executions = try await customer.executions(ofEvent: try receipt.string("eventId"), count: 1)

        #expect(executions.map { $0["workflow"] } == ["opened"])
        #expect(executions.map { $0["status"] } == ["completed"])
        let execution = try await customer.ended(try #require(executions.first?["id"]?.string))
        #expect(execution["output"] == (try JSONValue(parsing: body)))
        #expect(execution["triggeredBy"] == "webhook")
    }

    @Test func `a Shopify order that is delivered three times is one event and runs once`() async throws {
        let customer = try await SharedServer.customer()
        try await customer.deploy("order", "export default async function (ctx) { return ctx.input.id; }")
        let webhook = try await customer.trigger("shopify", secret: "hush", routes: [("order", nil)])
        let body = try Fixtures.shopifyOrderCreated()

        var receipts: [JSONValue] = []
        for _ in 0..<3 {
            let receipt = try await webhook.deliver(body, delivery: "b54557e4", event: "orders/create", by: customer.server.api)
            #expect(receipt.status == 202)
            receipts.append(receipt.json)
        }

        let event = try #require(receipts.first?["eventId"]?.string)
        #expect(receipts.map { $0["eventId"]?.string } == [event, event, event])
        #expect(receipts.map { $0["duplicate"]?.bool } == [nil, true, true])
        #expect(try await customer.executions(ofEvent: event, count: 1).count == 1)
        #expect(try await customer.list("events").map { $0["id"]?.string } == [event])
    }

    /// Schemes that sign a time: their deliveries are made here, since no real one can be kept as a fixture.
    @Test(arguments: ["standard-webhooks", "hmac-sha256"])
    func `a delivery that signs its time runs once, and not at all when the time is another`(scheme: String) async throws {
        let customer = try await SharedServer.customer()
        try await customer.deploy("signed", Self.echo)
        let webhook = try await customer.trigger(scheme, secret: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", routes: [("signed", nil)])
        let headers = try #require(Self.headers(of: webhook, at: time(nil), over: "{\"n\":1}"))
        let late = try #require(Self.headers(of: webhook, at: time(nil) - 600, over: "{\"n\":2}"))
        func deliver(_ headers: [(name: String, value: String)], _ body: String) async throws -> APIClient.Answer {
            try await customer.server.api.send("POST", webhook.url, headers: headers, bytes: Array(body.utf8))
        }

        let first = try await deliver(headers, "{\"n\":1}")
        let again = try await deliver(headers, "{\"n\":1}")

        #expect(first.status == 202, "\(first.text)")
        #expect(again["duplicate"] == true)
        let executions = try await customer.executions(ofEvent: try first.string("eventId"), count: 1)
        #expect(try await customer.ended(try #require(executions.first?["id"]?.string))["output"] == ["n": 1])
        #expect(try await deliver(headers, "{\"n\":3}").status == 401)
        #expect(try await deliver(late, "{\"n\":2}").status == 401)
        #expect(try await customer.list("events").count == 1)
    }

    /// What proves a delivery that was made at that time; nil for a scheme that signs none.
    private static func headers(of webhook: Webhook, at seconds: Int, over body: String) -> [(name: String, value: String)]? {
        func code(_ content: String, _ key: [UInt8]) -> [UInt8] { HMACSHA256.code(of: Array(content.utf8), key: SymmetricKey(key)) }
        switch webhook.scheme {
        case "standard-webhooks":
            guard let key = Base64.decode(webhook.secret) else { return nil }
            return [
                (name: "webhook-id", value: "msg_1"), (name: "webhook-timestamp", value: "\(seconds)"),
                (name: "webhook-signature", value: "v1,\(Base64.encode(code("msg_1.\(seconds).\(body)", key)))"),
            ]
        case "hmac-sha256":
            let signature = Hex.encode(code("\(seconds).\(body)", Array(webhook.secret.utf8)))
            return [(name: "x-fastn-timestamp", value: "\(seconds)"), (name: "x-fastn-signature", value: "sha256=\(signature)")]
        default: return nil
        }
    }

    /// NUL and lone surrogates as escapes, integers that a double cannot hold, and a megabyte of text.
    private static var difficultBody: [UInt8] {
        let text = String(repeating: "Grüße, 世界 🌍 \\u0000 ", count: 40_000)
        return Array(
            #"{"nul":"a\u0000b","high":"\ud83d","low":"\ude00!","#.utf8)
            + Array(#""big":9007199254740993,"bigger":-123456789012345678901234567890,"small":42, "text":"\#(text)" }"#.utf8)
    }

    @Test func `a difficult body comes back byte for byte`() async throws {
        let customer = try await SharedServer.customer()
        let webhook = try await customer.trigger("github", secret: "hush", routes: [])
        let body = Self.difficultBody
        #expect(body.count > 1 << 20)

        let receipt = try await webhook.deliver(body, delivery: "d1", by: customer.server.api)

        let event = try receipt.string("eventId")
        try await until("the event in the list") { try await !customer.list("events").isEmpty }
        let seen = try await customer.server.api.get(customer.path("/events/\(event)"))
        #expect(seen["bodyEncoding"] == "utf8")
        #expect(seen["body"]?.string.map { Array($0.utf8) == body } == true)
    }

    @Test func `a workflow gets the raw body byte for byte and big integers as texts`() async throws {
        let customer = try await SharedServer.customer()
        let posted = try LoopbackHTTPServer { _ in .text("ok") }
        try await customer.deploy(
            "difficult",
            """
            export default async function (ctx: any) {
              await fastn.connector.http.post("\(posted.url())", { body: ctx.rawBody, headers: { "content-type": "text/plain" } });
              const { nul, high, low, big, bigger, small } = ctx.input;
              return { nul: nul === "a\\u0000b", high: high.charCodeAt(0), low: low.charCodeAt(0), big, bigger, small };
            }
            """)
        let webhook = try await customer.trigger("github", secret: "hush", routes: [("difficult", nil)])
        let body = Self.difficultBody

        let receipt = try await webhook.deliver(body, delivery: "d1", by: customer.server.api)

        let rows = try await customer.executions(ofEvent: try receipt.string("eventId"), count: 1)
        let execution = try await customer.ended(try #require(rows.first?["id"]?.string))
        let expected: JSONValue = [
            "nul": true, "high": 0xd83d, "low": 0xde00, "big": "9007199254740993", "bigger": "-123456789012345678901234567890", "small": 42,
        ]
        #expect(execution["output"] == expected, "\(execution["error"]?.text ?? "")")
        #expect(posted.requests.count == 1)
        #expect(posted.requests.first?.body == body)
    }

    @Test func `a bad signature and an unknown webhook look the same`() async throws {
        let customer = try await SharedServer.customer()
        let webhook = try await customer.trigger("github", secret: "hush", routes: [])
        let stranger = Webhook(url: webhook.url, id: webhook.id, scheme: "github", secret: "wrong")
        let nowhere = Webhook(
            url: webhook.url.replacing(webhook.id, with: "01a1fe3c-897c-7065-8079-d717774cc4eb"), id: "", scheme: "github", secret: "hush")
        let api = APIClient(baseURL: customer.server.baseURL)

        let badSignature = try await stranger.deliver(Array("{}".utf8), delivery: "d1", by: api)
        let unknown = try await nowhere.deliver(Array("{}".utf8), delivery: "d1", by: api)

        #expect(badSignature.status == 401)
        #expect(unknown.status == 401)
        #expect(badSignature.withoutRequestID == unknown.withoutRequestID)
        #expect(badSignature.headers.map { $0.name } == unknown.headers.map { $0.name })
    }

    @Test func `a body that is too large is refused as such`() async throws {
        let customer = try await SharedServer.customer()
        let webhook = try await customer.trigger("github", secret: "hush", routes: [])
        let body = [UInt8](repeating: UInt8(ascii: " "), count: Limits.bodyBytes + 1)
        let answer = try await webhook.deliver(body, delivery: "d1", by: customer.server.api)
        #expect(answer.status == 413)
        #expect(answer["code"] == "PAYLOAD_TOO_LARGE")
    }

    @Test func `a body that is nested too deep is refused as such`() async throws {
        let customer = try await SharedServer.customer()
        let webhook = try await customer.trigger("github", secret: "hush", routes: [])
        let depth = Limits.jsonDepth + 1
        let body = Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        let answer = try await webhook.deliver(body, delivery: "d1", by: customer.server.api)
        #expect(answer.status == 400)
        #expect(answer["code"] == "VALIDATION_FAILED")
    }

    @Test func `an event that matches no route is kept and starts nothing`() async throws {
        let customer = try await SharedServer.customer()
        try await customer.deploy("opened", Self.echo)
        let webhook = try await customer.trigger("github", secret: "hush", routes: [("opened", ["action": "opened"])])
        let receipt = try await webhook.deliver(Array(#"{"action":"closed"}"#.utf8), delivery: "d1", by: customer.server.api)
        #expect(try await customer.executions(ofEvent: try receipt.string("eventId"), count: 0).isEmpty)
    }
}

extension APIClient.Answer {
    /// The error object but for the one member that differs between all answers.
    fileprivate var withoutRequestID: [String: JSONValue]? { json.object?.membersByName.filter { $0.key != "requestId" } }
}
