import Domain
import EventSourcing
import Ingress
import PipelineTestKit
import Testing
import Vocabulary

@Suite struct `A delivery through a trigger that names its subject` {
    private static func fixture() async throws -> IngressFixture {
        let fixture = try await IngressFixture()
        try await fixture.putTrigger(subject: "/customer/email")
        return fixture
    }

    /// The keys under which the deliveries are kept, in their order.
    private func keys(_ bodies: [String], _ fixture: IngressFixture) async throws -> [DataKeyID?] {
        for (index, body) in bodies.enumerated() {
            guard case .accepted = await fixture.receiver.receive(fixture.delivery([UInt8](body), id: "\(index)")) else {
                Issue.record("\(body) was not accepted")
                continue
            }
        }
        return try await fixture.inbox.pending(olderThan: .zero, limit: 100).map(\.dataKey)
    }

    @Test func `is kept under the key of the person whom it names`() async throws {
        let fixture = try await Self.fixture()
        let found = try await keys(
            [#"{"customer":{"email":"anna"}}"#, #"{"customer":{"email":"bert"}}"#, #"{"n":1,"customer":{"email":"anna"}}"#], fixture)
        let anna = try await fixture.store.current(fixture.store.subject("anna", of: fixture.tenant), of: fixture.tenant)
        let bert = try await fixture.store.current(fixture.store.subject("bert", of: fixture.tenant), of: fixture.tenant)
        #expect(found == [anna, bert, anna])
        #expect(anna != nil && anna != bert)
    }

    @Test func `names a person by a number too`() async throws {
        let fixture = try await Self.fixture()
        let found = try await keys([#"{"customer":{"email":4711}}"#], fixture)
        #expect(found == [try await fixture.store.current(fixture.store.subject("4711", of: fixture.tenant), of: fixture.tenant)])
    }

    @Test(arguments: ["{}", "no JSON", #"{"customer":{"email":null}}"#, #"{"customer":{"email":["anna"]}}"#, #"{"customer":"anna"}"#, ""])
    func `belongs to the tenant when it names nobody`(body: String) async throws {
        #expect(try await keys([body], try await Self.fixture()) == [nil])
    }

    @Test func `becomes an event under the same key, of which nothing is left when the person was erased meanwhile`() async throws {
        let fixture = try await Self.fixture()
        let key = try #require(try await keys([#"{"customer":{"email":"anna"}}"#], fixture).first ?? nil)
        _ = try await fixture.store.destroy(key, of: fixture.tenant)
        for delivery in try await fixture.inbox.pending(olderThan: .zero, limit: 1) { fixture.intake.handOver(delivery) }
        let isDone = try await running([{ await fixture.intake.run() }]) { try await fixture.eventsAppear(1) }
        #expect(isDone)
        let event = try #require(try await fixture.events().first)
        guard case .received(let received) = try ReceivedEventEvent.restore(event.form) else {
            Issue.record("\(event.form.type) instead of a received event")
            return
        }
        #expect(received.dataKey == key && received.isErased && received.body == Erased.document)
    }

    @Test func `is refused once the tenant is erased, with the reason in the audit log`() async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.store.destroy(try #require(try await fixture.store.current(nil, of: fixture.tenant)), of: fixture.tenant)
        #expect(await fixture.receiver.receive(fixture.delivery([UInt8]("{}"))) == .refused)
        #expect(try await fixture.events().map { $0.form.head["reason"]?.string } == ["tenant-erased, from 192.0.2.1"])
    }
}
