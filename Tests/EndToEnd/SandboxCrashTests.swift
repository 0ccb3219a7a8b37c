import Glibc
import LoopbackHTTPServer
import ProcessTestKit
import ServerTestKit
import Testing
import Vocabulary

/// A sandbox that is killed costs time only.
@Suite struct SandboxCrashTests {
    @Test func `a run whose sandbox is killed in the middle completes, and repeats no finished call`() async throws {
        // A server of its own: every sandbox of it is killed.
        let server = try await Server.start(environment: ["FASTN_ALLOW_PRIVATE_ADDRESSES": "1"])
        let customer = try await Customer.make(on: server)
        let gate = Gate()
        let outside = try LoopbackHTTPServer { request in
            if request.target == "/second" { gate.wait() }
            return .text(request.target)
        }
        try await customer.deploy(
            "calls",
            """
            export default async function () {
              const bodies = [];
              for (const path of ["/first", "/second", "/third"]) {
                bodies.push((await fastn.connector.http.post("\(outside.url(""))" + path, {})).body);
              }
              return bodies;
            }
            """)
        let execution = try await customer.call("calls").string("executionId")
        await outside.untilRequests(2)

        let sandboxes = server.sandboxes
        #expect(!sandboxes.isEmpty)
        for sandbox in sandboxes { kill(sandbox, SIGKILL) }
        try await until("the end of the sandboxes") { !sandboxes.contains(where: ProcessTable.isRunning) }
        gate.open()

        let seen = try await customer.ended(execution)
        #expect(seen["status"] == "completed", "\(seen["error"]?.text ?? "")")
        #expect(seen["output"] == ["/first", "/second", "/third"])
        let keys = Dictionary(grouping: outside.requests, by: \.target).mapValues { $0.compactMap { $0.value("idempotency-key") } }
        #expect(keys["/first"]?.count == 1)
        #expect(keys["/third"]?.count == 1)
        // The call under way may be made again, under the same key.
        #expect(Set(keys["/second"] ?? []).count == 1)
        #expect(Set(keys.values.joined()).count == 3)
    }
}
