import Domain
import EventSourcing
import Testing
import Vocabulary

@Suite struct `Workflows called by name` {
    @Test func `answer with their result when they are Instant`() async throws {
        try await withAPI { api in
            try await api.publishWorkflow("Quick", tier: "instant")
            let answer = try await api.send("POST", "/api/v1/quick", ["input": ["a": 1]])
            #expect(answer.status == 200)
            #expect(answer.text == "{\"answer\":42}")
            let id = try #require(answer.header("x-fastn-execution-id"))
            try await api.settle()
            let execution = try await api.get("\(api.base)/executions/\(id)").json
            #expect(execution["status"] == "completed")
            #expect(execution["output"] == ["answer": 42])
        }
    }

    @Test func `answer with an execution's id when they are not`() async throws {
        try await withAPI { api in
            try await api.publishWorkflow("Slow")
            let answer = try await api.send("POST", "/api/v1/slow")
            #expect(answer.status == 202)
            #expect(try answer.json["status"] == "pending")
            let id = try #require(try answer.json["executionId"]?.string)
            #expect(answer.header("location") == "\(api.base)/executions/\(id)")
            try await api.settle()
            #expect(try await api.get("\(api.base)/executions?workflow=slow&status=pending").json["data"]?.array?.first?["id"]?.string == id)
            #expect(try await api.send("POST", "\(api.base)/executions/\(id)/cancel").json["status"] == "cancelled")
            #expect(try await api.send("POST", "\(api.base)/executions/\(id)/cancel").status == 409)
        }
    }

    @Test func `can be cancelled before views show them`() async throws {
        try await withAPI { api in
            try await api.publishWorkflow("Slow")
            try await api.whileViewsStandStill {
                let id = try #require(try await api.send("POST", "/api/v1/slow").json["executionId"]?.string)
                #expect(try await api.get("\(api.base)/executions/\(id)").status == 404, "the views do not show it")
                #expect(try await api.send("POST", "\(api.base)/executions/\(id)/cancel").status == 202)
                #expect(try await api.send("POST", "\(api.base)/executions/\(id)/cancel").status == 409, "it is cancelled already")
                #expect(try await api.send("POST", "\(api.base)/executions/\(api.customer)/cancel").status == 404)
            }
            try await api.settle()
            #expect(try await api.get("\(api.base)/executions").json["data"]?.array?.first?["status"] == "cancelled")
        }
    }

    @Test func `run once with one idempotency key`() async throws {
        try await withAPI { api in
            try await api.publishWorkflow("Slow")
            let first = try await api.send("POST", "/api/v1/slow", [:], [("idempotency-key", "k")]).json
            #expect(try await api.send("POST", "/api/v1/slow", [:], [("idempotency-key", "k")]).json == first)
        }
    }

    @Test func `that fail name the place, the execution and the reason`() async throws {
        try await withAPI { api in
            try await api.publishWorkflow("Quick", tier: "instant")
            api.runs.endAs(.failed(RunFailure(name: "TypeError", message: "x is undefined", location: "workflow.js:7:3")))
            let answer = try await api.send("POST", "/api/v1/quick")
            #expect(answer.status == 500)
            #expect(try answer.json["code"] == "INTERNAL_ERROR")
            #expect(try answer.json["message"] == "TypeError: x is undefined")
            #expect(try answer.json["step"] == "workflow.js:7:3")
            #expect(try answer.json["executionId"]?.string == answer.header("x-fastn-execution-id"))
            api.runs.endAs(.timedOut(RunFailure(name: "timeout", message: "took longer than 30 s")))
            #expect(try await api.send("POST", "/api/v1/quick").status == 408)
        }
    }

    /// The run is asked for, so that a second request would make a second one.
    @Test func `that cannot be executed now are not to be sent again`() async throws {
        try await withAPI { api in
            try await api.publishWorkflow("Quick", tier: "instant")
            api.runs.fail(with: EventStoreError(.unavailable))
            let answer = try await api.send("POST", "/api/v1/quick")
            #expect(answer.status == 202)
            #expect(try answer.json["status"] == "pending")
            #expect(try answer.json["executionId"]?.string != nil)
        }
    }

    @Test func `that fail in a connector's call say so`() async throws {
        try await withAPI { api in
            try await api.publishWorkflow("Quick", tier: "instant")
            let failure = RunFailure(name: "ConnectorError", message: "channel_not_found")
            let call = RunCall(index: 0, operation: "connector", connector: "http", action: "post", input: "{}")
            let result = CallResult(outcome: .error(failure), startedAt: .epoch, duration: .zero, deliveredAt: .epoch)
            api.runs.endAs(.callCompleted(call, result), .failed(failure))
            let answer = try await api.send("POST", "/api/v1/quick")
            #expect(answer.status == 400)
            #expect(try answer.json["code"] == "DATASOURCE_CONNECTION_ERROR")
            #expect(try answer.json["step"] == "http.post")
        }
    }

    @Test func `that do not exist are not found, and inactive ones say why`() async throws {
        try await withAPI { api in
            #expect(try await api.send("POST", "/api/v1/nowhere").status == 404)
            _ = try await api.send("POST", "\(api.base)/workflows", ["name": "Draft"])
            #expect(try await api.send("POST", "/api/v1/draft").status == 409)
        }
    }

    @Test func `want the customer named when there are several`() async throws {
        try await withAPI { api in
            try await api.publishWorkflow("Quick", tier: "instant")
            _ = try await api.send("POST", "/api/v1/tenants", ["name": "Second"])
            let answer = try await api.send("POST", "/api/v1/quick")
            #expect(answer.status == 400)
            #expect(answer.text.contains("x-fastn-space-tenantid"))
            #expect(try await api.send("POST", "/api/v1/quick", nil, [("x-fastn-space-tenantid", "\(api.customer)")]).status == 200)
        }
    }
}

@Suite struct `What happened, over HTTP` {
    @Test func `is an event with its headers and body`() async throws {
        try await withAPI { api in
            try await api.publishWorkflow("Slow")
            let event = try #require(try await api.send("POST", "/api/v1/slow", ["input": "ü"], [("x-color", "red")]).json["eventId"]?.string)
            try await api.settle()
            #expect(try await api.get("\(api.base)/events?kind=manual").json["data"]?.array?.first?["id"]?.string == event)
            let shown = try await api.get("\(api.base)/events/\(event)").json
            #expect(shown["body"] == "{\"input\":\"ü\"}")
            #expect(shown["bodyEncoding"] == "utf8")
            #expect(shown["headers"]?["x-color"] == "red")
            #expect(shown["headers"]?["x-fastn-api-key"] == nil)
        }
    }

    @Test func `is usage by day`() async throws {
        try await withAPI { api in
            try await api.publishWorkflow("Slow")
            _ = try await api.send("POST", "/api/v1/slow")
            try await api.settle()
            let usage = try await api.get("\(api.base)/usage").json
            #expect(usage["data"]?.array?.first?["events"] == 1)
            #expect(try await api.get("/api/v1/billing/usage").json["data"] == usage["data"])
            #expect(try await api.get("\(api.base)/usage?from=2026-03-02&to=2026-03-01").pointers == ["/from"])
        }
    }

    @Test func `is in the audit log with the key that did it`() async throws {
        try await withAPI { api in
            try await api.publishWorkflow("Slow")
            try await api.settle()
            let entry = try #require(try await api.get("\(api.base)/audit-log?action=workflow.publish").json["data"]?.array?.first)
            #expect(entry["actor"]?["type"] == "service_account")
            #expect(entry["outcome"] == "success")
        }
    }
}
