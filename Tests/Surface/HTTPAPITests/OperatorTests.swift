import HTTPAPI
import Projections
import Testing
import Vocabulary

@Suite struct `What operators are shown` {
    @Test func `each view has its state, lag, heartbeat and what it has put aside`() async throws {
        try await withAPI { api in
            let well = try await api.get("/api/v1/operator/status").json
            #expect(well["projections"]?.array?.compactMap { $0["name"]?.string } == ["catalog", "executions", "events", "audit", "usage"])
            #expect(well["projections"]?.array?.allSatisfy { $0["healthy"] == true && $0["state"] == "following" && $0["lag"] == 0 } == true)

            let position = try await api.append(StoredForm("run.started", schema: 9, [:]))
            #expect(await api.projections.wait(for: position, in: [.executions], timeout: .seconds(20)))
            while api.projections.status.contains(where: { $0.name == .usage && $0.state.isHealthy }) { await Task.yield() }
            let views = try #require(try await api.get("/api/v1/operator/status").json["projections"]?.array)
            let parking = try #require(views.first { $0["name"] == "executions" })
            #expect(parking["parkedStreams"] == 1 && parking["healthy"] == true)
            let parked = try #require(parking["parked"]?.array?.first)
            #expect(parked["position"] == .string("\(position)") && parked["category"] == "run" && parked["tenantId"] == .string("\(api.customer)"))
            #expect(parked["reason"] == "event run.started v9 is not known to this release")
            let strict = try #require(views.first { $0["name"] == "usage" })
            #expect(strict["state"] == "stopped" && strict["healthy"] == false)
            // What it had not applied before is behind the event with it.
            #expect((strict["lag"]?.integer ?? 0) >= 1)
            #expect(strict["failure"]?.string?.contains("run.started v9") == true)
            #expect((strict["oldestUnprocessedSeconds"]?.double ?? -1) >= 0)

            let strangers = try await api.client.send("GET", "/api/v1/operator/status", [("x-fastn-api-key", APIStage.strangersKey)])
            let theirs = try #require(try strangers.json["projections"]?.array)
            let counted = try #require(theirs.first { $0["name"] == "executions" })
            #expect(counted["parkedStreams"] == 1 && counted["parked"] == [], "another space's streams are counted and not named")
        }
    }

    @Test func `the status tells which nodes there are and who owns each slice`() async throws {
        try await withAPI { api in
            let status = try await api.get("/api/v1/operator/status").json
            let nodes = try #require(status["nodes"]?.array)
            #expect(nodes.map { $0["slices"]?.integer } == [255, 1])
            #expect(nodes.map { $0["self"]?.bool } == [true, false])
            #expect(nodes.map { $0["reachable"]?.bool } == [true, false])
            let slices = try #require(status["slices"]?.array)
            #expect(slices.count == Slice.count)
            #expect(slices.last == ["slice": 255, "region": "main", "owner": nodes[1]["id"] ?? .null, "epoch": 3, "head": 7, "lag": 1])
        }
    }

    @Test func `the status asks for a key, the figures do not and hold no id`() async throws {
        try await withAPI { api in
            #expect(try await api.client.send("GET", "/api/v1/operator/status").status == 401)
            try await api.append(StoredForm("run.started", schema: 9, [:]))
            let metrics = try await api.client.send("GET", "/metrics")
            #expect(metrics.status == 200)
            #expect(metrics.header("content-type") == "text/plain; version=0.0.4; charset=utf-8")
            for name in ["lag_events", "oldest_unprocessed_seconds", "heartbeat_age_seconds", "healthy", "parked_streams"] {
                #expect(metrics.text.contains("# TYPE fastn_projection_\(name) gauge\nfastn_projection_\(name){projection=\"catalog\"} "), "\(name)")
            }
            #expect(!metrics.text.contains("\(api.customer)") && !metrics.text.contains("\(api.space)"))
            let samples = metrics.text.split(separator: "\n").filter { !$0.hasPrefix("#") }
            #expect(samples.count == 31)
            #expect(samples.allSatisfy { $0.split(separator: " ").count == 2 && Double($0.split(separator: " ")[1]) != nil })
        }
    }

    @Test func `the room that entities take is told, with who was found there`() async throws {
        try await withAPI { api in
            try await api.publishWorkflow("Sync")
            let entities = try #require(try await api.get("/api/v1/operator/status").json["entities"])
            #expect((entities["inMemory"]?.integer ?? 0) > 0 && (entities["bytes"]?.integer ?? 0) > 0 && (entities["misses"]?.integer ?? 0) > 0)
            #expect(entities["serving"] == 0 && entities["dropped"] == 0)
            let text = try await api.client.send("GET", "/metrics").text
            #expect(text.contains("# TYPE fastn_entities_misses_total counter\nfastn_entities_misses_total \(entities["misses"]?.integer ?? 0).0\n"))
            #expect(text.contains("# TYPE fastn_entities_in_memory gauge\nfastn_entities_in_memory \(entities["inMemory"]?.integer ?? 0).0\n"))
        }
    }

    @Test func `readiness names a view that stands still and stays ready`() async throws {
        try await withAPI { api in
            #expect(try await api.client.send("GET", "/readyz").json ["projections"] == [])
            try await api.append(StoredForm("trigger.created", [:]))
            while api.projections.status.allSatisfy(\.state.isHealthy) { await Task.yield() }
            let answer = try await api.client.send("GET", "/readyz")
            #expect(answer.status == 200)
            #expect(try answer.json["status"] == "degraded")
            #expect(try answer.json["projections"] == [["name": "catalog", "state": "stopped"]])
        }
    }
}
