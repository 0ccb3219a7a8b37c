import Domain
import EventSourcing
import PostgresDriver
import Projections
import Testing
import Vocabulary

@Suite struct `The executions view` {
    @Test func `a completed run is shown with its steps, its lines and its duration`() async throws {
        try await withStage { stage in
            let (id, end) = try await stage.completeRun()
            try await stage.see(end)
            let detail = try #require(try await stage.projections.reads.execution(id, .tenant(stage.customer)))
            let json = detail.json
            #expect(json["status"] == "completed" && json["workflow"] == "sync" && json["tier"] == "instant" && json["version"] == 1)
            #expect(json["output"] == ["ok": true] && json["error"] == nil && json["attempts"] == 1 && json["waiting"] == nil)
            #expect(json["durationMs"]?.integer.map { (2000...2001).contains($0) } == true)
            let step = try #require(json["steps"]?.array?.first)
            #expect(step["input"] == ["url": "x"] && step["output"] == [1] && step["connector"] == "http" && step["connection"] == "crm")
            #expect(step["durationMs"] == 1.5.json && step["attempt"] == 1 && step["index"] == 0)
        }
    }

    @Test(arguments: [false, true]) func `each event of a run shows, in batches of one or all together`(_ isTogether: Bool) async throws {
        let failure = RunFailure(name: "TypeError", message: "x\u{0}y", stack: "at workflow.ts:1:1", location: "workflow.ts:1:1")
        try await withStage(isRunning: false) { stage in
            let id: RunID = stage.clock.next()
            let call = RunCall(index: 0, operation: "connector", connector: "http", action: "post", input: "{}")
            let story: [RunEvent] = [
                stage.attempt(1), .logged([LogLine(level: "warn", text: "a\u{0}b", at: stage.clock.now())]), .callScheduled(call),
                stage.call(0, .error(failure)), .retryScheduled(attempt: 1, due: stage.clock.now(), failure), stage.attempt(2),
                stage.call(0, .value(Array("1".utf8))), stage.call(1, .secret(name: "token", SecretID(bits: 3))), .parked(failure), stage.attempt(3),
                .failed(failure),
            ]
            var last = try await stage.give(RunDecider.self, .request(stage.request()), to: id)
            if isTogether {
                for event in story { last = try await stage.give(RunDecider.self, .record([event]), to: id) }
            }
            try await following(stage.projections) {
                try await stage.see(last)
                if !isTogether {
                    for event in story { try await stage.see(try await stage.give(RunDecider.self, .record([event]), to: id), .executions) }
                }
            }
            let detail = try #require(try await stage.projections.reads.execution(id, .tenant(stage.customer)))
            #expect(detail.execution.status == .failed && detail.execution.attempts == 3 && detail.execution.waitingReason == nil)
            #expect(detail.execution.failure?["message"] == "x\u{0}y" && detail.logs.map(\.text) == ["a\u{0}b"])
            #expect(detail.steps.map(\.attempt) == [1, 2, 2] && detail.steps.map(\.index) == [0, 0, 1])
            #expect(detail.steps[0].failure?["name"] == "TypeError" && detail.steps[0].output == nil)
            #expect(detail.steps[2].json["output"] == ["secret": "token"])
        }
    }

    @Test func `a waiting run says why and since when`() async throws {
        try await withStage { stage in
            let id: RunID = stage.clock.next()
            try await stage.give(RunDecider.self, .request(stage.request()), to: id)
            let failure = RunFailure(name: "Error", message: "no")
            let wait: [RunEvent] = [stage.attempt(1), .retryScheduled(attempt: 1, due: stage.clock.now(), failure)]
            try await stage.see(try await stage.give(RunDecider.self, .record(wait), to: id), .executions)
            let waiting = try await stage.projections.reads.execution(id, .tenant(stage.customer))?.json
            #expect(waiting?["status"] == "running" && waiting?["waiting"]?["reason"] == "retry" && waiting?["error"]?["message"] == "no")

            try await stage.see(try await stage.give(RunDecider.self, .cancel, to: id), .executions)
            let cancelled = try await stage.projections.reads.execution(id, .tenant(stage.customer))?.json
            #expect(cancelled?["status"] == "cancelled" && cancelled?["waiting"] == nil && cancelled?["error"] == nil)
        }
    }

    @Test func `the list is filtered by workflow, status, event and time`() async throws {
        try await withStage { stage in
            let workflow = WorkflowID(bits: 0xaa)
            let (mine, _) = try await stage.completeRun(stage.request(workflow, slug: "mine", event: EventID(bits: 0xbb)))
            stage.clock.advance(by: .seconds(60))
            let other: RunID = stage.clock.next()
            try await stage.see(try await stage.give(RunDecider.self, .request(stage.request()), to: other))
            func found(_ filter: ExecutionFilter) async throws -> [RunID] {
                try await stage.projections.reads.executions(.tenant(stage.customer), filter, page: PageRequest()).rows.map(\.id)
            }
            #expect(try await found(ExecutionFilter()) == [other, mine])
            #expect(try await found(ExecutionFilter(workflow: "mine")) == [mine])
            #expect(try await found(ExecutionFilter(workflow: "\(workflow)", status: .completed)) == [mine])
            #expect(try await found(ExecutionFilter(status: .pending)) == [other])
            #expect(try await found(ExecutionFilter(event: EventID(bits: 0xbb))) == [mine])
            #expect(try await found(ExecutionFilter(until: stage.clock.now())) == [mine])
            #expect(try await found(ExecutionFilter(workflow: "mi\u{0}ne")) == [])
        }
    }
}

extension Double {
    var json: JSONValue { .double(self) }
}
