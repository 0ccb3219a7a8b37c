import Domain
import EventSourcing
import PostgresDriver
import Projections
import Testing
import Vocabulary

@Suite struct `The events view` {
    @Test func `an event is received, then routed`() async throws {
        try await withStage { stage in
            let (id, received) = try await stage.receive()
            try await stage.see(received)
            let before = try #require(try await stage.projections.reads.event(id, .tenant(stage.customer)))
            #expect(before.status == "received" && before.bodyBytes == 2 && before.contentType == "application/json" && before.routes == nil)
            #expect(before.headers?["x-github-event"] == "issues")

            let normalized = NormalizedEvent(source: "github", type: "issues.\u{0}opened", idempotencyKey: "k")
            let route = TakenRoute(workflow: WorkflowID(bits: 1), run: RunID(bits: 2))
            try await stage.see(try await stage.give(ReceivedEventDecider.self, .route(normalized, [route]), to: id))
            let after = try #require(try await stage.projections.reads.event(id, .tenant(stage.customer)))
            #expect(after.status == "routed" && after.source == "github" && after.type == "issues.\u{fffd}opened")
            #expect(after.json["routes"]?.array?.first?["executionId"] == .id(RunID(bits: 2)))
        }
    }

    @Test func `the list is filtered by kind and trigger`() async throws {
        try await withStage { stage in
            let (hook, _) = try await stage.receive()
            let call: EventID = stage.clock.next()
            let manual = ReceivedEvent(kind: .manual, space: stage.space, trigger: nil, environment: .production, headers: [], query: nil, body: [])
            try await stage.see(try await stage.give(ReceivedEventDecider.self, .receive(manual), to: call))
            func found(_ filter: EventFilter) async throws -> [EventID] {
                try await stage.projections.reads.events(.tenant(stage.customer), filter, page: PageRequest()).rows.map(\.id)
            }
            #expect(try await found(EventFilter(kind: .manual)) == [call])
            #expect(try await found(EventFilter(trigger: TriggerID(bits: 7))) == [hook])
            #expect(Set(try await found(EventFilter())) == [hook, call])
        }
    }
}

@Suite struct `The audit log` {
    @Test func `it tells what was done, refused and denied, and by whom`() async throws {
        try await withStage { stage in
            let id: WorkflowID = stage.clock.next()
            let directory = EntityDirectory<WorkflowDecider>(
                store: stage.store, ids: stage.clock, trail: RefusalTrail(store: stage.store, ids: stage.clock))
            let address = stage.address(WorkflowDecider.self, id)
            let agent = Principal(kind: .agent, id: "bot", onBehalfOf: "ada")
            _ = try await directory.send(.create(stage.draft("sync")), to: address, stage.envelope(agent))
            await #expect(throws: EntityRejection.self) {
                try await directory.send(.publish(revision: 9, artefact: Stage.artefact), to: address, stage.envelope())
            }
            try await RefusalTrail(store: stage.store, ids: stage.clock)
                .record(.denied, action: "workflow.archive", resource: address, reason: "no permission", stage.envelope())
            try await stage.see(
                try await stage.give(KeyringDecider.self, .write(name: "token", secret: SecretID(bits: 1)), to: stage.customer.keyring))

            let rows = try await stage.projections.reads.auditLog(.tenant(stage.customer), page: PageRequest()).rows
            #expect(rows.map(\.action) == ["secret.write", "workflow.archive", "workflow.publish", "workflow.create"])
            #expect(rows.map(\.outcome) == [.success, .denied, .rejected, .success])
            #expect(rows.map(\.resourceID) == ["token", "\(id)", "\(id)", "\(id)"])
            #expect(rows[3].actor == agent && rows[1].reason == "no permission" && rows[2].reason?.contains("publish again") == true)
        }
    }

    @Test func `it is filtered by actor, action, resource and outcome`() async throws {
        try await withStage { stage in
            let (id, _) = try await stage.publish("one")
            let (_, end) = try await stage.publish("two")
            try await stage.see(end)
            func entries(_ filter: AuditFilter) async throws -> Int {
                let page = try await stage.projections.reads.auditLog(.tenant(stage.customer), filter, page: try PageRequest())
                return page.rows.count
            }
            #expect(try await entries(AuditFilter(actor: "ada", actorKind: .user)) == 4)
            #expect(try await entries(AuditFilter(actor: "eve")) == 0)
            #expect(try await entries(AuditFilter(action: "workflow.publish")) == 2)
            #expect(try await entries(AuditFilter(resourceType: "workflow", resourceID: "\(id)", outcome: .success)) == 2)
            #expect(try await entries(AuditFilter(outcome: .denied)) == 0)
            #expect(try await entries(AuditFilter(until: stage.clock.now())) == 0)
        }
    }

    @Test func `runs that a trigger starts are left to the list of executions`() async throws {
        try await withStage { stage in
            try await stage.completeRun()
            let manual: RunID = stage.clock.next()
            try await stage.see(try await stage.give(RunDecider.self, .request(stage.request()), to: manual))
            let rows = try await stage.projections.reads.auditLog(.tenant(stage.customer), page: PageRequest()).rows
            #expect(rows.map(\.resourceID) == ["\(manual)"] && rows.first?.resourceType == "execution")
        }
    }
}

@Suite struct `The usage view` {
    @Test func `events, executions and run seconds are counted by day`() async throws {
        try await withStage { stage in
            let first = stage.clock.now().day
            try await stage.receive()
            try await stage.completeRun(after: .seconds(2))
            let retried: RunID = stage.clock.next()
            let failure = RunFailure(name: "Error", message: "no")
            try await stage.give(RunDecider.self, .request(stage.request()), to: retried)
            try await stage.give(RunDecider.self, .record([stage.attempt(1)]), to: retried)
            stage.clock.advance(by: .seconds(3))
            let waits = try await stage.give(
                RunDecider.self, .record([.retryScheduled(attempt: 1, due: stage.clock.now(), failure)]), to: retried)
            try await stage.see(waits)
            stage.clock.advance(by: .seconds(86_400))
            try await stage.give(RunDecider.self, .record([stage.attempt(2)]), to: retried)
            stage.clock.advance(by: .seconds(5))
            try await stage.give(RunDecider.self, .record([.failed(failure)]), to: retried)
            let (_, last) = try await stage.receive()
            try await stage.see(last)

            let rows = try await stage.projections.reads.usage(.tenant(stage.customer), from: first, to: stage.clock.now().day)
            #expect(rows.map { $0.day.daysSince1970 - first.daysSince1970 } == [1, 0])
            #expect(rows.map(\.events) == [1, 1] && rows.map(\.executions) == [0, 2])
            #expect(rows.map { ($0.runSeconds * 100).rounded() / 100 } == [5, 5])
            #expect(try await stage.system.query("select from usage_runs").isEmpty, "runs that ended are forgotten")
        }
    }
}
