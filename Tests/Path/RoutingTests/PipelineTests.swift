import Domain
import EventSourcing
import Ingress
import PipelineTestKit
import Testing
import Vocabulary

@Suite struct `From a webhook to its runs` {
    let pipeline = Pipeline()

    private func putTwoRoutes() async throws {
        pipeline.catalog.put(.test(1, owner: pipeline.space))
        pipeline.catalog.put(.test(2, owner: pipeline.space))
        try await pipeline.putTrigger(routes: [
            TriggerRoute(workflow: WorkflowID(bits: 1), filter: ["headers": ["X-GitHub-Event": "issues"], "body": ["action": "opened"]]),
            TriggerRoute(workflow: WorkflowID(bits: 2), filter: ["body": ["action": "closed"]]),
        ])
    }

    @Test func `a GitHub issue takes the one route whose filter it matches`() async throws {
        try await putTwoRoutes()
        let body = try fixture("github/issues.opened.json")
        let process = pipeline.process()
        try await running(process.services) {
            _ = await process.receiver.receive(pipeline.delivery(body, id: "1"))
            let isRouted = try await pipeline.routed(1)
            #expect(isRouted)
        }
        let requests = try await pipeline.events(ofType: "run.requested")
        #expect(requests.count == 1)
        #expect(requests.first?.form.head["workflowId"] == .id(WorkflowID(bits: 1)))
        let routed = try #require(try await pipeline.events(ofType: "event.routed").first)
        #expect(routed.form.head["source"] == "github")
        #expect(routed.form.head["type"] == "issues.opened")
        #expect(routed.form.head["routes"]?.array?.count == 1)
        #expect(try await pipeline.events(ofType: "event.received").first?.form.attachment == body)
    }

    @Test func `who, why and in which lane is carried from the event to the run`() async throws {
        try await putTwoRoutes()
        let process = pipeline.process()
        try await running(process.services) {
            _ = await process.receiver.receive(pipeline.delivery(Array(#"{"action":"opened"}"#.utf8), id: "1"))
            let isRouted = try await pipeline.routed(1)
            #expect(isRouted)
        }
        let received = try #require(try await pipeline.events(ofType: "event.received").first)
        let requested = try #require(try await pipeline.events(ofType: "run.requested").first)
        #expect(requested.meta.correlation == received.meta.correlation)
        #expect(requested.meta.causation == received.id.bits)
        #expect(requested.meta.lane == received.meta.lane)
        #expect(requested.meta.principal == .system("router"))
        #expect(requested.address.era == received.address.era)
        let job = try #require(try await pipeline.store.job(of: requested.address.stream, in: requested.address.slice))
        #expect(job.kind == .run)
        #expect(try await pipeline.store.job(of: received.address.stream, in: received.address.slice) == nil)
    }

    @Test func `a delivery sent three times runs once`() async throws {
        try await putTwoRoutes()
        let body = Array(#"{"action":"opened"}"#.utf8)
        let process = pipeline.process()
        try await running(process.services) {
            for _ in 0..<3 { _ = await process.receiver.receive(pipeline.delivery(body, id: "same")) }
            _ = await process.receiver.receive(pipeline.delivery(body, id: "another"))
            let isRouted = try await pipeline.routed(2)
            #expect(isRouted)
        }
        #expect(try await pipeline.events(ofType: "run.requested").count == 2)
    }

    @Test func `stages that die again and again lose and double nothing`() async throws {
        try await putTwoRoutes()
        var sent = 0
        for round in 0..<6 {
            let bus = FaultyBus(InMemoryEventBus(), fault: round.isMultiple(of: 2) ? .doubles : .loses)
            let process = pipeline.process(bus: bus)
            try await running(process.services) {
                for _ in 0..<40 {
                    sent += 1
                    let body = Array(#"{"action":"opened","number":\#(sent)}"#.utf8)
                    _ = await process.receiver.receive(pipeline.delivery(body, id: "\(sent)"))
                }
            }
        }
        let last = pipeline.process()
        let isDone = try await running(last.services) { try await pipeline.routed(240) }
        #expect(isDone)
        #expect(try await pipeline.events(ofType: "event.received").count == 240)
        #expect(try await pipeline.events(ofType: "event.routed").count == 240)
        #expect(try await pipeline.events(ofType: "run.requested").count == 240)
        #expect(try await pipeline.events(ofType: "refusal.rejected").isEmpty)
    }

    @Test(arguments: [
        #"{"action":"opened","nul":"\u0000","lone":"\ud800","big":9007199254740993}"#,
        #"{"action":"opened","text":"\#(String(repeating: "Zoë 日本 ", count: 75_000))"}"#,
    ])
    func `a strange body is routed and comes back byte for byte`(_ text: String) async throws {
        try await putTwoRoutes()
        let process = pipeline.process()
        try await running(process.services) {
            _ = await process.receiver.receive(pipeline.delivery(Array(text.utf8), id: "1"))
            let isRouted = try await pipeline.routed(1)
            #expect(isRouted)
        }
        let event = try #require(try await pipeline.events(ofType: "event.received").first)
        let stored = try StoredForm(type: event.form.type, schema: event.form.schema, codec: event.form.codec, payload: event.form.payload)
        #expect(stored.attachment == Array(text.utf8))
        #expect(try await pipeline.events(ofType: "run.requested").count == 1)
    }
}
