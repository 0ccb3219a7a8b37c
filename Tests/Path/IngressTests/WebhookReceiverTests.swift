import Domain
import EventSourcing
import PipelineTestKit
import Testing
import Vocabulary

@testable import Ingress

@Suite struct `Receiving a webhook` {
    @Test func `a genuine delivery is in the inbox before it is answered`() async throws {
        let fixture = try await IngressFixture()
        let outcome = await fixture.receiver.receive(fixture.delivery([UInt8]("{}")))
        let pending = try await fixture.inbox.pending(olderThan: .zero, limit: 9)
        #expect(outcome == .accepted(try #require(pending.first).event))
    }

    @Test func `a repeated delivery answers with the first id`() async throws {
        let fixture = try await IngressFixture()
        guard case .accepted(let first) = await fixture.receiver.receive(fixture.delivery([UInt8]("{}"))) else {
            Issue.record("the first delivery was not accepted")
            return
        }
        #expect(await fixture.receiver.receive(fixture.delivery([UInt8]("{}"))) == .duplicate(of: first))
        #expect(try await fixture.inbox.pending(olderThan: .zero, limit: 9).count == 1)
    }

    @Test func `unknown webhook, wrong space, switched off and bad signature look the same`() async throws {
        let fixture = try await IngressFixture()
        let good = fixture.delivery([UInt8]("{}"))
        let unknown = InboundWebhook(space: good.space, trigger: TriggerID(bits: 1), headers: good.headers, body: good.body, remote: nil)
        let elsewhere = InboundWebhook(space: SpaceID(bits: 1), trigger: good.trigger, headers: good.headers, body: good.body, remote: nil)
        #expect(await fixture.receiver.receive(unknown) == .refused)
        #expect(await fixture.receiver.receive(elsewhere) == .refused)
        #expect(await fixture.receiver.receive(fixture.delivery([UInt8]("{}"), secret: "another")) == .refused)
        try await fixture.putTrigger(isEnabled: false)
        #expect(await fixture.receiver.receive(good) == .refused)
        #expect(try await fixture.inbox.pending(olderThan: .zero, limit: 9).isEmpty)
    }

    @Test func `a refusal at a known trigger is in the audit trail with its reason`() async throws {
        let fixture = try await IngressFixture()
        _ = await fixture.receiver.receive(fixture.delivery([UInt8]("{}"), secret: "another"))
        let event = try #require(try await fixture.events().first)
        #expect(event.form.type == "refusal.denied")
        #expect(event.form.head["action"] == "webhook.receive")
        #expect(event.form.head["resourceId"] == .id(fixture.trigger))
        #expect(event.form.head["reason"] == "signature-mismatch, from 192.0.2.1")
    }

    @Test func `a flood of refusals leaves ten a minute in the trail`() async throws {
        let fixture = try await IngressFixture()
        for _ in 0..<50 { _ = await fixture.receiver.receive(fixture.delivery([UInt8]("{}"), secret: "another")) }
        #expect(try await fixture.events().count == 10)
        fixture.ids.advance(by: .seconds(60))
        _ = await fixture.receiver.receive(fixture.delivery([UInt8]("{}"), secret: "another"))
        #expect(try await fixture.events().count == 11)
    }

    @Test func `size is looked at before anything else`() async throws {
        let fixture = try await IngressFixture()
        let large = InboundWebhook(
            space: fixture.space, trigger: fixture.trigger, headers: [], body: [UInt8](repeating: 0x20, count: Limits.bodyBytes + 1),
            remote: nil)
        #expect(await fixture.receiver.receive(large) == .tooLarge)
        let many = (0..<101).map { (name: "x-\($0)", value: "") }
        #expect(await fixture.receiver.receive(fixture.delivery([UInt8]("{}"), headers: many)) == .tooLarge)
        #expect(fixture.vault.openings == 0)
    }

    @Test func `a body of the largest size is taken`() async throws {
        let fixture = try await IngressFixture()
        let outcome = await fixture.receiver.receive(fixture.delivery([UInt8](repeating: UInt8(ascii: "x"), count: Limits.bodyBytes)))
        #expect(outcome.isAccepted)
    }

    @Test func `a document is refused from the first level too deep on`() async throws {
        let fixture = try await IngressFixture()
        let deepest = String(repeating: "[", count: Limits.jsonDepth) + String(repeating: "]", count: Limits.jsonDepth)
        #expect(await fixture.receiver.receive(fixture.delivery([UInt8](deepest), id: "a")).isAccepted)
        #expect(await fixture.receiver.receive(fixture.delivery([UInt8]("[\(deepest)]"), id: "b")) == .tooDeep)
    }

    @Test(arguments: [
        [UInt8]("not json, {{{"), [UInt8](), [0xff, 0x00, 0xc3], [UInt8]("<a>\(String(repeating: "[", count: 100))</a>"),
        [UInt8](#"{"nul":"\u0000","lone":"\ud800","big":9007199254740993}"#),
        [UInt8]("{\"text\":\"\(String(repeating: "0123456789abcdef", count: 65_536))\"}"),
    ])
    func `a body comes back byte for byte`(_ body: [UInt8]) async throws {
        let fixture = try await IngressFixture()
        #expect(await fixture.receiver.receive(fixture.delivery(body)).isAccepted)
        let delivery = try #require(try await fixture.inbox.pending(olderThan: .zero, limit: 1).first)
        let stored = try StoredForm(
            type: delivery.form.type, schema: delivery.form.schema, codec: delivery.form.codec, payload: delivery.form.payload)
        guard case .received(let event) = try ReceivedEventEvent.restore(stored) else {
            Issue.record("another event was stored")
            return
        }
        #expect(event.body == body)
        #expect(event.query == "a=1")
    }

    @Test func `without a delivery id every unsigned delivery is new`() async throws {
        let fixture = try await IngressFixture(scheme: "none")
        for _ in 0..<2 {
            #expect(await fixture.receiver.receive(fixture.delivery([UInt8]("{}"), id: nil)).isAccepted)
        }
        #expect(try await fixture.inbox.pending(olderThan: .zero, limit: 9).count == 2)
    }

    @Test func `equal delivery ids at two triggers are two deliveries`() async throws {
        let fixture = try await IngressFixture()
        #expect(await fixture.receiver.receive(fixture.delivery([UInt8]("{}"))).isAccepted)
        let pending = try #require(try await fixture.inbox.pending(olderThan: .zero, limit: 9).first)
        #expect(pending.dedupKey.hasPrefix("webhook:\(fixture.trigger):"))
        #expect(pending.dedupKey.utf8.count < 300)
    }

    @Test func `a secret is opened once in its time and a rotated one at once`() async throws {
        let fixture = try await IngressFixture()
        for number in 0..<5 { _ = await fixture.receiver.receive(fixture.delivery([UInt8]("{}"), id: "\(number)")) }
        #expect(fixture.vault.openings == 1)
        try await fixture.putTrigger(secret: "new\n\(IngressFixture.secret)")
        #expect(await fixture.receiver.receive(fixture.delivery([UInt8]("{}"), id: "old secret")).isAccepted)
        #expect(await fixture.receiver.receive(fixture.delivery([UInt8]("{}"), id: "new secret", secret: "new")).isAccepted)
        #expect(fixture.vault.openings == 2)
        fixture.ids.advance(by: .seconds(61))
        #expect(await fixture.receiver.receive(fixture.delivery([UInt8]("{}"), id: "later")).isAccepted)
        #expect(fixture.vault.openings == 3)
    }

    @Test func `a vault that is away asks the sender to come again`() async throws {
        let fixture = try await IngressFixture()
        fixture.vault.setAvailable(false)
        #expect(await fixture.receiver.receive(fixture.delivery([UInt8]("{}"))) == .unavailable(retryAfter: .seconds(5)))
    }

    @Test func `headers that carry credentials are not stored`() throws {
        let fields = HeaderFields.sanitized([
            (name: "Authorization", value: "Bearer x"), (name: "COOKIE", value: "x"), (name: "X-Fastn-Api-Key", value: "x"),
            (name: "x-fastn-access-key", value: "x"), (name: "Proxy-Authorization", value: "x"), (name: "X-Api-Key", value: "x"),
            (name: "X-Hub-Signature-256", value: "sha256=00"), (name: "Accept", value: "a"), (name: "accept", value: "b"),
        ])
        #expect(fields.map(\.name) == ["x-hub-signature-256", "accept"])
        #expect(fields.last?.value == "a, b")
    }
}

extension WebhookOutcome {
    var isAccepted: Bool { if case .accepted = self { true } else { false } }
}
