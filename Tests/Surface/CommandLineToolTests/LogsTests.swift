import Glibc
import LoopbackHTTPServer
import ProcessTestKit
import Synchronization
import Testing
import Vocabulary

@Suite struct `Showing executions` {
    @Test func `each has its line and its console, oldest first`() async throws {
        let api = try FakeAPI { _, path, _ in
            switch path {
            case "/executions?workflow=orders&status=failed&limit=2": (200, FakeAPI.page([execution(2, "failed", at: 1), execution(1, "failed")]))
            case "/executions/\(executionID(1))": (200, execution(1, "failed", logs: ["first"]))
            case "/executions/\(executionID(2))": (200, execution(2, "failed", at: 1, logs: ["second"]))
            default: nil
            }
        }
        let arguments = ["logs", "--workflow", "orders", "--status", "failed", "--limit", "2"]
        let outcome = try await FastnProcess.run(arguments, environment: api.environment)
        #expect(outcome.exitCode == 0)
        #expect(
            outcome.output == """
                2023-11-14T22:13:20Z  \(executionID(1))  failed  orders@3  12 ms
                    first
                2023-11-14T22:13:21Z  \(executionID(2))  failed  orders@3  12 ms
                    second

                """)
        let json = try await FastnProcess.run(arguments + ["--json"], environment: api.environment).output
        #expect(try JSONValue(parsing: json).array?.compactMap { $0["id"]?.string } == [executionID(1), executionID(2)])
    }

    @Test func `following shows each execution once and ends with 0 at Ctrl-C`() async throws {
        let looks = Mutex(0)
        let api = try FakeAPI { _, path, _ in
            if path == "/executions/\(executionID(1))" { return (200, execution(1, "completed", logs: ["first"])) }
            if path == "/executions/\(executionID(2))" { return (200, execution(2, "completed", at: 9, logs: ["second"])) }
            let look = looks.withLock { looks in
                looks += 1
                return looks
            }
            let second = look == 1 ? [] : [execution(2, look == 2 ? "running" : "completed", at: 9)]
            return (200, FakeAPI.page(second + [execution(1, "completed")]))
        }
        let process = try FastnProcess(["logs", "--follow", "--json"], environment: api.environment)
        // Four looks, and the two executions that are read by themselves.
        await api.server.untilRequests(6)
        process.send(SIGINT)
        let outcome = try await process.ended()
        #expect(outcome.exitCode == 0)
        let shown = try outcome.output.split(separator: "\n").map { try JSONValue(parsing: String($0))["id"]?.string }
        #expect(shown == [executionID(1), executionID(2)])
        #expect(api.calls.contains("GET executions?since=2023-11-14T22%3a12%3a50.000000Z&limit=200"))
    }

    @Test func `one execution is followed to its end`() async throws {
        let looks = Mutex(0)
        let api = try FakeAPI { _, _, _ in
            let look = looks.withLock { looks in
                looks += 1
                return looks
            }
            return (200, execution(1, look == 1 ? "running" : "completed", logs: look == 1 ? ["one"] : ["one", "two"]))
        }
        let outcome = try await FastnProcess.run(["logs", "--execution", executionID(1), "--follow"], environment: api.environment)
        #expect(outcome.exitCode == 0)
        #expect(outcome.output == "    one\n    two\n2023-11-14T22:13:20Z  \(executionID(1))  completed  orders@3  12 ms\n")
    }

    @Test func `a server that is restarted is waited for`() async throws {
        let looks = Mutex(0)
        let api = try FakeAPI { _, path, _ in
            if path == "/executions/\(executionID(1))" { return (200, execution(1, "completed")) }
            let look = looks.withLock { looks in
                looks += 1
                return looks
            }
            if look == 2 { return (503, ["message": "Starting."]) }
            return (200, FakeAPI.page(look == 1 ? [] : [execution(1, "completed")]))
        }
        let process = try FastnProcess(["logs", "--follow"], environment: api.environment)
        // Three looks, the execution that the third one found, and a fourth look, before which it was shown.
        await api.server.untilRequests(5)
        process.send(SIGINT)
        let outcome = try await process.ended()
        #expect(outcome.error == "Starting.; trying again\n")
        #expect(outcome.output.contains(executionID(1)))
    }
}
