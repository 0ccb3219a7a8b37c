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
        return try FakeAPI { _, path, _ in
            path == "/api/v1/operator/status" ? (200, ["projections": .array(views), "entities": entities]) : nil
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
                VIEW        STATE        LAG   BEHIND  HEARTBEAT  PUT ASIDE
                catalog     following    0     -       0.3 s      0
                executions  catching_up  1200  3.1 s   0.3 s      1
                executions: put aside run r1 at 12:345: \(reason)
                in memory: 12 entities, 3 kB; 1 serving, 3 dropped

                """)
        let json = try await FastnProcess.run(["status", "--json"], environment: api.environment).output
        #expect(try JSONValue(parsing: json)["projections"]?.array?.count == 2)
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
