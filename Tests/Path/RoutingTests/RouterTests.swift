import Domain
import EventSourcing
import PipelineTestKit
import Routing
import Testing
import Vocabulary

@Suite struct `Routing an event` {
    let pipeline = Pipeline()

    /// Stores an event and answers its job.
    private func receive(_ body: String, headers: [(name: String, value: String)] = [], dataKey: DataKeyID? = nil) async throws -> Job {
        let id: EventID = pipeline.ids.next()
        let event = ReceivedEvent(
            kind: .webhook, space: pipeline.space, trigger: pipeline.trigger, environment: .production, headers: headers, query: nil,
            body: Array(body.utf8), dataKey: dataKey)
        let envelope = CommandEnvelope(commandID: pipeline.ids.next(), principal: .system("test"), correlation: id.recast(), lane: .p3)
        let batch = try AppendBatch.deciding(
            ReceivedEventDecider.self, .receive(event), on: .absent, at: .none, of: .monthly(ReceivedEventDecider.self, id, in: pipeline.tenant),
            envelope, ids: pipeline.ids)
        _ = try await pipeline.store.append(batch)
        return try #require(try await pipeline.store.job(of: id.recast(), in: Slice(of: pipeline.tenant)))
    }

    private var router: Router {
        Router(store: pipeline.store, runs: pipeline.runs, catalog: pipeline.catalog, recent: RecentEvents(), ids: pipeline.ids)
    }

    @Test func `every matching route is a run, of the same workflow too`() async throws {
        pipeline.catalog.put(.test(1, owner: pipeline.space))
        pipeline.catalog.put(.test(2, owner: pipeline.space))
        try await pipeline.putTrigger(routes: [
            TriggerRoute(workflow: WorkflowID(bits: 1), filter: nil), TriggerRoute(workflow: WorkflowID(bits: 1), filter: ["body": ["a": 1]]),
            TriggerRoute(workflow: WorkflowID(bits: 2), filter: nil),
        ])
        try await router.perform(try await receive(#"{"a":1}"#))
        let runs = try await pipeline.events(ofType: "run.requested")
        #expect(Set(runs.map(\.address.stream)).count == 3)
        #expect(runs.allSatisfy { $0.meta.lane == .p3 })
    }

    @Test func `its runs are kept under its key, and an erased event starts none`() async throws {
        pipeline.catalog.put(.test(1, owner: pipeline.space))
        try await pipeline.putTrigger(routes: [TriggerRoute(workflow: WorkflowID(bits: 1), filter: nil)])
        let anna = try pipeline.store.subject("anna", of: pipeline.tenant)
        let key = try #require(try await pipeline.store.current(anna, of: pipeline.tenant))
        try await router.perform(try await receive("{}", dataKey: key))
        let requested = try await pipeline.events(ofType: "run.requested")
        #expect(try requested.map { try RunEvent.restore($0.form).request?.dataKey } == [key])
        let late = try await receive("{}", dataKey: key)
        _ = try await pipeline.store.destroy(key, of: pipeline.tenant)
        try await router.perform(late)
        #expect(try await pipeline.events(ofType: "run.requested").count == 1)
        #expect(try await pipeline.events(ofType: "event.routed").count == 2)
    }

    @Test func `routing again changes nothing`() async throws {
        pipeline.catalog.put(.test(1, owner: pipeline.space))
        try await pipeline.putTrigger(routes: [TriggerRoute(workflow: WorkflowID(bits: 1), filter: nil)])
        let job = try await receive("{}")
        for _ in 0..<3 { try await router.perform(job) }
        #expect(try await pipeline.events(ofType: "run.requested").count == 1)
        #expect(try await pipeline.events(ofType: "event.routed").count == 1)
    }

    @Test func `two routings at once make one run`() async throws {
        pipeline.catalog.put(.test(1, owner: pipeline.space))
        try await pipeline.putTrigger(routes: [TriggerRoute(workflow: WorkflowID(bits: 1), filter: nil)])
        for _ in 0..<20 {
            let job = try await receive("{}")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 { group.addTask { try await router.perform(job) } }
                try await group.waitForAll()
            }
        }
        #expect(try await pipeline.events(ofType: "run.requested").count == 20)
        #expect(try await pipeline.events(ofType: "event.routed").count == 20)
    }

    @Test func `inactive and vanished workflows are left out`() async throws {
        pipeline.catalog.put(.test(1, owner: pipeline.space, isActive: false))
        try await pipeline.putTrigger(routes: [
            TriggerRoute(workflow: WorkflowID(bits: 1), filter: nil), TriggerRoute(workflow: WorkflowID(bits: 99), filter: nil),
        ])
        try await router.perform(try await receive("{}"))
        #expect(try await pipeline.events(ofType: "run.requested").isEmpty)
        #expect(try await pipeline.events(ofType: "event.routed").first?.form.head["routes"] == [])
    }

    @Test func `an event whose trigger is gone is routed nowhere`() async throws {
        let job = try await receive("not json")
        try await router.perform(job)
        let routed = try #require(try await pipeline.events(ofType: "event.routed").first)
        #expect(routed.form.head["routes"] == [] && routed.form.head["source"] == "webhook")
        #expect(try await pipeline.store.job(of: job.stream, in: job.slice) == nil)
    }

    @Test func `a body that is no JSON takes routes that do not ask for it`() async throws {
        pipeline.catalog.put(.test(1, owner: pipeline.space))
        pipeline.catalog.put(.test(2, owner: pipeline.space))
        try await pipeline.putTrigger(routes: [
            TriggerRoute(workflow: WorkflowID(bits: 1), filter: ["headers": ["X-Kind": "text"]]),
            TriggerRoute(workflow: WorkflowID(bits: 2), filter: ["body": ["a": 1]]),
        ])
        try await router.perform(try await receive("plain text", headers: [(name: "x-kind", value: "text")]))
        #expect(try await pipeline.events(ofType: "run.requested").map { $0.form.head["workflowId"] } == [.id(WorkflowID(bits: 1))])
    }
}

extension RunEvent {
    fileprivate var request: RunRequest? { if case .requested(let request) = self { request } else { nil } }
}
