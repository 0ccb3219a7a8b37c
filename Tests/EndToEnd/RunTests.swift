import LoopbackHTTPServer
import ServerTestKit
import Testing
import Vocabulary

/// How runs end, and what they leave behind.
@Suite struct RunTests {
    @Test func `code that does not compile is refused with file, line and message`() async throws {
        let customer = try await SharedServer.customer()
        let answer = try await customer.server.api.post(
            customer.path("/workflows"),
            ["name": "Broken", "language": "typescript", "code": "export default async function (ctx) {\n  const answer = ;\n}\n"])
        #expect(answer.status == 400)
        let problem = try #require(answer["errors"]?.array?.first)
        #expect(problem["pointer"] == "/code")
        #expect(problem["file"] == "workflow.ts")
        #expect(problem["line"] == 2)
        #expect(problem["message"]?.string?.isEmpty == false)
    }

    @Test func `an exception fails the run with its message and the customer's own line`() async throws {
        let customer = try await SharedServer.customer()
        try await customer.deploy(
            "broken",
            """
            interface Order { total: number }

            function check(order: Order): void {
              if (order.total < 0) throw new RangeError(`total is ${order.total}`);
            }

            export default async function (ctx: { input: Order }) { check(ctx.input); }
            """)
        let execution = try await customer.run("broken", ["total": -1])
        #expect(execution["status"] == "failed")
        #expect(execution["error"]?["name"] == "RangeError")
        #expect(execution["error"]?["message"] == "total is -1")
        #expect(execution["error"]?["location"]?.string?.hasPrefix("workflow.ts:4:") == true)
    }

    @Test func `an endless loop times out`() async throws {
        let customer = try await SharedServer.customer()
        try await customer.deploy("endless", "export default async function () { while (true) {} }", tier: "instant", ["timeoutSeconds": 1])
        let answer = try await customer.call("endless")
        #expect(answer.status == 408)
        let execution = try await customer.ended(try answer.string("executionId"))
        #expect(execution["status"] == "timed_out")
    }

    @Test func `a run that uses up its memory fails with that cause, and its neighbour completes`() async throws {
        let server = try await SharedServer.customer().server
        let (hog, neighbour) = (try await Customer.make(on: server, named: "Hog"), try await Customer.make(on: server, named: "Neighbour"))
        let gate = Gate()
        let outside = try LoopbackHTTPServer { _ in
            gate.wait()
            return .text("go on")
        }
        try await hog.deploy(
            "hog", "export default async function () { const kept = []; while (true) kept.push(new Array(1e5).fill(Math.random())); }")
        try await neighbour.deploy(
            "neighbour", "export default async function () { return (await fastn.connector.http.get(\"\(outside.url())\")).body; }")

        let waiting = try await neighbour.call("neighbour").string("executionId")
        await outside.untilRequests(1)
        let failed = try await hog.run("hog")
        gate.open()

        #expect(failed["status"] == "failed")
        #expect(failed["error"]?["name"] == "memory")
        let completed = try await neighbour.ended(waiting)
        #expect(completed["status"] == "completed")
        #expect(completed["output"] == "go on")
    }

    @Test func `a run that waits is cancelled`() async throws {
        let customer = try await SharedServer.customer()
        let outside = try LoopbackHTTPServer { _ in .silence }
        try await customer.deploy("waits", "export default async function () { await fastn.connector.http.get(\"\(outside.url())\"); }")
        let execution = try await customer.call("waits").string("executionId")
        await outside.untilRequests(1)

        let answer = try await customer.server.api.post(customer.path("/executions/\(execution)/cancel"))

        // 202 while the views of a busy server lag: the run is cancelled all the same.
        #expect([200, 202].contains(answer.status), "\(answer.text) \(customer.server.log.suffix(2000))")
        #expect(try await customer.ended(execution)["status"] == "cancelled")
    }

    @Test func `a failed call is tried again as the workflow's retry policy says`() async throws {
        let customer = try await SharedServer.customer()
        let attempts = Counter()
        // The first two attempts lose their connection in the middle of the answer.
        let flaky = try LoopbackHTTPServer { _ in
            attempts.next() < 3 ? .bytes(Array("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".utf8)) : .text("at last")
        }
        try await customer.deploy(
            "flaky", "export default async function () { return (await fastn.connector.http.post(\"\(flaky.url())\", {})).body; }",
            ["retry": ["enabled": true, "maxAttempts": 5, "initialIntervalMs": 10, "backoffCoefficient": 1, "maxIntervalMs": 20]])

        let execution = try await customer.run("flaky")

        #expect(execution["status"] == "completed", "\(execution["error"]?.text ?? "")")
        #expect(execution["output"] == "at last")
        #expect(execution["attempts"] == 3)
        #expect(attempts.count == 3)
    }

    @Test func `state is kept from run to run, and each customer has its own`() async throws {
        let first = try await SharedServer.customer()
        let second = try await Customer.make(on: first.server)
        let code = """
            export default async function () {
              const count = ((await fastn.state.get("count")) ?? 0) + 1;
              await fastn.state.set("count", count);
              return count;
            }
            """
        for customer in [first, second] { try await customer.deploy("counter", code, tier: "instant") }
        var counts: [JSONValue] = []
        for customer in [first, first, second, first] { counts.append(try await customer.call("counter").json) }
        #expect(counts == [1, 2, 1, 3])
    }

    @Test func `the steps of an execution tell what it asked, what it got and how long it took`() async throws {
        let customer = try await SharedServer.customer()
        let outside = try LoopbackHTTPServer { _ in .text("{\"ok\":true}", type: "application/json") }
        try await customer.deploy(
            "steps",
            """
            export default async function () {
              await fastn.state.set("key", "value");
              await fastn.connector.http.get("\(outside.url("/thing"))");
              console.log("done", 1);
              try { await fastn.connector.http.get("http://localhost:1/"); } catch (error) { console.warn("refused"); }
            }
            """)
        let execution = try await customer.run("steps")
        let steps = try #require(execution["steps"]?.array)
        #expect(steps.map { $0["operation"]?.string } == ["state.set", "connector", "connector"])
        #expect(steps.map { $0["index"]?.integer } == [0, 1, 2])
        #expect(steps[0]["input"]?["key"] == "key")
        #expect(steps[1]["connector"] == "http")
        #expect(steps[1]["action"] == "get")
        #expect(steps[1]["output"]?["body"]?["ok"] == true)
        #expect(steps[1]["durationMs"]?.double != nil)
        #expect(steps[2]["error"]?["name"] == "ConnectorError")
        #expect(execution["logs"]?.array?.map { $0["text"]?.string } == ["done 1", "refused"])
        #expect(execution["logs"]?.array?.map { $0["level"]?.string } == ["log", "warn"])
    }
}
