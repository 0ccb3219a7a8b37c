import ProcessTestKit
import ServerTestKit
import Testing
import Vocabulary

/// The past of what a running server knows, over its API and on the command line.
@Suite struct TimeTravelTests {
    @Test func `a workflow and its execution are seen as they were`() async throws {
        let customer = try await SharedServer.customer()
        let api = customer.server.api
        let workflow = try await customer.deploy("travelled", "export default async function () { await fastn.state.set('k', 1); return 7 }")
        let execution = try #require(try await customer.run("travelled")["id"]?.string)
        _ = try await api.post(customer.path("/workflows/\(workflow)/archive"))

        let draft = try await api.get(customer.path("/workflows/\(workflow)/as-of?version=1"))
        #expect(draft["state"]?["status"] == "draft")
        #expect(try await api.get(customer.path("/workflows/\(workflow)?asOf=version:2"))["status"] == "active")
        #expect(try await api.get(customer.path("/workflows/\(workflow)/as-of"))["state"]?["status"] == "archived")

        let history = try await customer.list("executions/\(execution)/history")
        #expect(history.first?["type"] == "run.requested" && history.last?["type"] == "run.completed")
        #expect(Set(history.compactMap { $0["correlationId"] }).count == 1)
        let before = try #require(history.dropLast().last?["recordedAt"]?.string)
        #expect(try await api.get(customer.path("/executions/\(execution)?asOf=\(before)"))["status"] == "running")
        let ended = try await api.get(customer.path("/executions/\(execution)/as-of"))
        #expect(ended["state"]?["output"] == 7 && ended["setBy"]?["/output"]?["type"] == "run.completed")
        #expect(ended["setBy"]?["/steps/0"]?["type"] == "run.call.completed")

        let arguments = ["diff", "workflow", workflow, "--from", "version:1", "--json"]
        let outcome = try await FastnProcess.run(arguments, environment: ["FASTN_TENANT_ID": customer.id], in: customer.server.folder)
        let changes = try #require(try JSONValue(parsing: outcome.output)["changes"]?.array)
        let status = try #require(changes.first { $0["field"] == "/status" })
        #expect(status["before"] == "draft" && status["after"] == "archived" && status["setBy"]?["type"] == "workflow.archived")
    }
}
