import ProcessTestKit
import Testing
import Vocabulary

@Suite struct `Showing the status` {
    private func view(
        _ name: String, _ state: String = "following", healthy: Bool = true, lag: Int = 0, age: JSONValue = 0, failure: JSONValue = .null,
        parked: [JSONValue] = []
    ) -> JSONValue {
        [
            "name": .string(name), "state": .string(state), "healthy": .bool(healthy), "lag": .int(lag), "oldestUnprocessedSeconds": age,
            "heartbeatSeconds": .double(0.25), "failure": failure, "parkedStreams": .int(parked.count), "parked": .array(parked),
        ]
    }

    private func status(_ views: JSONValue...) throws -> FakeAPI {
        let entities: JSONValue = ["inMemory": 12, "serving": 1, "bytes": 2049, "hits": 70, "misses": 15, "dropped": 3]
        let nodes: JSONValue = [
            ["id": "n1", "address": "http://a:8080", "reachable": true, "self": true, "startedAt": "2026-01-02T03:04:05.006Z", "slices": 255],
            ["id": "n2", "address": "http://b:8080", "reachable": false, "self": false, "startedAt": "2026-01-02T03:04:06.007Z", "slices": 1],
        ]
        let slices: JSONValue = [
            ["slice": 0, "region": "main", "owner": "n1", "epoch": 3, "head": 0, "lag": 0],
            ["slice": 7, "region": "main", "owner": "n2", "epoch": 4, "head": 120, "lag": 2],
            ["slice": 9, "region": "eu", "owner": .null, "epoch": 5, "head": 1, "lag": 0],
        ]
        return try FakeAPI { _, path, _ in
            guard path == "/api/v1/operator/status" else { return nil }
            return (200, ["nodes": nodes, "projections": .array(views), "entities": entities, "slices": slices])
        }
    }

    @Test func `every view has its line, and what it has put aside`() async throws {
        let reason = "event run.paused v1 is not known to this release"
        let parked: JSONValue = ["category": "run", "stream": "r1", "position": "12:345", "reason": .string(reason)]
        let api = try status(view("catalog"), view("executions", "catching_up", lag: 1200, age: .double(3.14), parked: [parked]))
        let outcome = try await FastnProcess.run(["status"], environment: api.environment)
        #expect(outcome.exitCode == 0, "\(outcome.error)")
        #expect(
            outcome.output == """
                NODE           STATE    SLICES  SINCE
                http://a:8080  serving  255     2026-01-02T03:04:05.006Z  asked
                http://b:8080  cut off  1       2026-01-02T03:04:06.007Z

                VIEW        STATE        LAG   BEHIND  HEARTBEAT  PUT ASIDE
                catalog     following    0     -       0.3 s      0
                executions  catching_up  1200  3.1 s   0.3 s      1
                executions: put aside run r1 at 12:345: \(reason)
                in memory: 12 entities, 3 kB; 1 serving, 3 dropped

                """)
        let json = try await FastnProcess.run(["status", "--json"], environment: api.environment).output
        #expect(try JSONValue(parsing: json)["projections"]?.array?.count == 2)
    }

    @Test func `every slice that has events has its line when that is asked for`() async throws {
        let api = try status(view("catalog"))
        let outcome = try await FastnProcess.run(["status", "--slices"], environment: api.environment)
        let ending = """
            SLICE  REGION  OWNER          EPOCH  HEAD  LAG
            7      main    http://b:8080  4      120   2
            9      eu      nobody         5      1     0

            """
        #expect(outcome.output.hasSuffix(ending), "\(outcome.output)")
    }

    @Test func `a view that stands still ends it with 1 and says why`() async throws {
        let api = try status(view("catalog", "stopped", healthy: false, lag: 2, age: .null, failure: "event trigger.created v9 is not known"))
        let outcome = try await FastnProcess.run(["status"], environment: api.environment)
        #expect(outcome.exitCode == 1)
        let ending = """
            stopped  2    ?       0.3 s      0
            catalog: event trigger.created v9 is not known
            in memory: 12 entities, 3 kB; 1 serving, 3 dropped

            """
        #expect(outcome.output.hasSuffix(ending), "\(outcome.output)")
        #expect(outcome.error.isEmpty)
    }
}
