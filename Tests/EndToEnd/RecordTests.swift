import LoopbackHTTPServer
import ProcessTestKit
import ServerTestKit
import Testing
import Vocabulary

/// What is on record, and who may see it.
@Suite struct RecordTests {
    @Test func `the audit log has what was done, what was denied and what was rejected`() async throws {
        let customer = try await SharedServer.customer()
        let workflow = try await customer.deploy("audited", "export default async function () {}")
        let api = customer.server.api
        _ = try await api.post(customer.path("/workflows/\(workflow)/archive"))
        #expect(try await api.post(customer.path("/workflows/\(workflow)/enable")).status == 409)
        let webhook = try await customer.trigger("github", secret: "hush", routes: [])
        let stranger = Webhook(url: webhook.url, id: webhook.id, scheme: "github", secret: "wrong")
        #expect(try await stranger.deliver(Array("{}".utf8), delivery: "d1", by: api).status == 401)

        let entries = try await value("all entries of the audit log") {
            let entries = try await customer.list("audit-log")
            return Set(entries.compactMap { $0["outcome"]?.string }).count == 3 ? entries : nil
        }

        let told = entries.map { "\($0["action"]?.string ?? "") \($0["resource"]?["id"]?.string ?? "") \($0["outcome"]?.string ?? "")" }
        #expect(told.contains("workflow.archive \(workflow) success"))
        #expect(told.contains("workflow.enable \(workflow) rejected"))
        #expect(told.contains("webhook.receive \(webhook.id) denied"))
        #expect(entries.allSatisfy { $0["timestamp"]?.string != nil && $0["actor"]?["type"]?.string != nil && $0["actor"]?["id"]?.string != nil })
    }

    @Test func `a trigger that proves nothing is only made when asked for, and that is on record`() async throws {
        let customer = try await SharedServer.customer()
        let path = customer.path("/triggers")
        let refused = try await customer.server.api.post(path, ["name": "open", "type": "webhook", "routes": []])
        #expect(refused.status == 400)
        #expect(refused["errors"]?.array?.first?["pointer"] == "/verification")

        let made = try await customer.server.api.post(path, ["name": "open", "type": "webhook", "routes": [], "verification": ["scheme": "none"]])

        // A busy server answers 202 when its views do not show the change within two seconds.
        #expect([201, 202].contains(made.status))
        let position = try #require(made.headers.first { $0.name == "fastn-position" }?.value)
        let entries = try await customer.list("audit-log", query: "resourceId=\(try made.string("id"))&minPosition=\(position)")
        #expect(Set(entries.compactMap { $0["action"]?.string }) == ["trigger.create", "trigger.verification.waive"])
    }

    @Test func `usage counts events, executions and the time they ran`() async throws {
        let customer = try await SharedServer.customer()
        try await customer.deploy("counted", "export default async function () {}")
        let webhook = try await customer.trigger("github", secret: "hush", routes: [("counted", nil), ("counted", ["never": true])])
        for delivery in 1...3 {
            let receipt = try await webhook.deliver(Array(#"{"n":\#(delivery)}"#.utf8), delivery: "d\(delivery)", by: customer.server.api)
            _ = try await customer.executions(ofEvent: try receipt.string("eventId"), count: 1)
        }
        _ = try await customer.run("counted")

        // The list of executions, which has told of the last one, and the view of usage go their own ways.
        let usage = try await value("usage of four executions") {
            let usage = try await customer.server.api.get(customer.path("/usage"))["data"]?.array
            return usage?.first?["executions"] == 4 ? usage : nil
        }
        #expect(usage.count == 1)
        #expect(usage.first?["events"] == 4)
        #expect((usage.first?["runSeconds"]?.double ?? 0) > 0)
    }

    @Test func `what belongs to another customer looks like what does not exist`() async throws {
        let owner = try await SharedServer.customer()
        let stranger = try await Customer.make(on: owner.server)
        let workflow = try await owner.deploy("private", "export default async function () {}")
        let execution = try await owner.run("private")
        let event = try #require(execution["eventId"]?.string)
        let things = ["workflows/\(workflow)", "executions/\(try #require(execution["id"]?.string))", "events/\(event)"]
        for thing in things {
            #expect(try await owner.server.api.get(owner.path("/\(thing)")).status == 200)
            let answer = try await owner.server.api.get(stranger.path("/\(thing)"))
            let unknown = try await owner.server.api.get(stranger.path("/\(thing.prefix { $0 != "/" })/01a1fe3c-897c-7065-8079-d717774cc4eb"))
            #expect(answer.status == 404, "\(thing)")
            #expect(answer["message"] == unknown["message"])
        }
        #expect(try await stranger.list("executions").isEmpty)
        #expect(try await owner.server.api.post(stranger.path("/workflows/\(workflow)/archive")).status == 404)
    }

    @Test func `the status shows every view at work, and nothing put aside can be taken back`() async throws {
        let customer = try await SharedServer.customer()
        let status = try await FastnProcess(["status", "--json"], in: customer.server.folder).ended()
        #expect(status.exitCode == 0, "\(status.error)")
        let views = try #require(try JSONValue(parsing: status.output)["projections"]?.array)
        #expect(views.count == 5 && views.allSatisfy { $0["healthy"] == true && $0["parkedStreams"] == 0 }, "\(status.output)")
        let unpark = try await FastnProcess(["projections", "unpark", "executions"], in: customer.server.folder).ended()
        #expect(unpark.exitCode == 0, "\(unpark.error)")
        #expect(unpark.output == "0 taken back, 0 still aside\n")
    }

    @Test func `views are rebuilt while the server serves, and say the same`() async throws {
        let customer = try await SharedServer.customer()
        let workflow = try await customer.deploy("kept", "export default async function () { console.log('kept'); }")
        let execution = try #require(try await customer.run("kept")["id"]?.string)
        let paths = ["/workflows/\(workflow)", "/executions/\(execution)", "/events", "/audit-log", "/usage"].map(customer.path)
        var before: [JSONValue] = []
        for path in paths { before.append(try await customer.server.api.get(path).json) }

        let rebuild = try FastnProcess(["projections", "rebuild", "--json"], in: customer.server.folder)
        while !rebuild.hasEnded { #expect(try await customer.server.api.get(paths[1]).json == before[1]) }
        let outcome = try await rebuild.ended()

        #expect(outcome.exitCode == 0, "\(outcome.error)")
        #expect(try JSONValue(parsing: outcome.output).array?.count == 5)
        for (path, answer) in zip(paths, before) { #expect(try await customer.server.api.get(path).json == answer, "\(path)") }
    }
}
