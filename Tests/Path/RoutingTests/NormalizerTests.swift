import Domain
import Testing
import Vocabulary

@testable import Routing

@Suite struct `Normalizing an event` {
    private func normalized(
        _ body: String, _ headers: [String: String] = [:], trigger: Int = 1
    ) -> NormalizedEvent {
        let event = ReceivedEvent(
            kind: .webhook, space: SpaceID(bits: 1), trigger: TriggerID(bits: UInt128(trigger)), environment: .production,
            headers: headers.map { (name: $0.key, value: $0.value) }, query: nil, body: Array(body.utf8))
        return Normalizer.normalize(event, EventFacts(of: event))
    }

    @Test(arguments: [
        (#"{"action":"opened"}"#, ["x-github-event": "issues"], "github", "issues.opened"),
        ("{}", ["x-github-event": "push"], "github", "push"),
        ("{}", ["x-shopify-topic": "orders/create"], "shopify", "orders/create"),
        (#"{"type":"invoice.paid"}"#, [:], "webhook", "invoice.paid"),
        (#"{"type":"a"}"#, ["webhook-type": "b"], "webhook", "b"), ("no json", [:], "webhook", nil), (#"{"type":7}"#, [:], "webhook", nil),
    ])
    func `source and type come from what the sender says`(
        _ body: String, _ headers: [String: String], _ source: String, _ type: String?
    ) {
        let event = normalized(body, headers)
        #expect(event.source == source && event.type == type)
    }

    @Test func `the captured Shopify order is known by its topic`() throws {
        let captured = try JSONValue(parsing: try fixture("shopify/orders.create.json"))
        let headers = try #require(captured["headers"]?.object).members.map { ($0.name, $0.value.string ?? "") }
        let event = normalized(try #require(captured["body"]).text, Dictionary(uniqueKeysWithValues: headers))
        #expect(event.source == "shopify" && event.type == "orders/create")
    }

    @Test func `the idempotency key is equal for equal deliveries of one trigger alone`() {
        let key = normalized("{}").idempotencyKey
        #expect(key.utf8.count == 64)
        #expect(normalized("{}").idempotencyKey == key)
        #expect(normalized("{ }").idempotencyKey != key)
        #expect(normalized("{}", trigger: 2).idempotencyKey != key)
        let named = normalized("{}", ["x-github-delivery": "1"]).idempotencyKey
        #expect(named != key && normalized("{ }", ["x-github-delivery": "1"]).idempotencyKey == named)
    }

    @Test(arguments: [
        ("a=1&b=two", #"{"a":"1","b":"two"}"#), ("a=1&a=2&a=3", #"{"a":["1","2","3"]}"#), ("a", #"{"a":""}"#),
        ("a=x+y%20z%C3%A9", #"{"a":"x y zé"}"#),
        ("a=50%&b=%zz&c=%+1", #"{"a":"50%","b":"%zz","c":"% 1"}"#), ("", "{}"), ("a=b=c", #"{"a":"b=c"}"#),
    ])
    func `a query is read as forms write it`(_ query: String, _ members: String) throws {
        #expect(JSONValue.object(QueryString.members(of: query)) == (try JSONValue(parsing: members)))
    }
}
