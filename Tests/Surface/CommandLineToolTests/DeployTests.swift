import LoopbackHTTPServer
import ProcessTestKit
import Testing
import Vocabulary

@Suite struct `Deploying a file` {
    @Test func `a new workflow is created and published`() async throws {
        let folder = try workflowFolder()
        let api = try FakeAPI { method, path, _ in
            switch (method, path) {
            case ("GET", "/workflows?limit=200"): (200, FakeAPI.page([]))
            case ("POST", "/workflows"): (201, ["id": "w1", "warnings": ["capped"]])
            case ("POST", "/workflows/w1/publish"): (200, ["id": "w1", "status": "active", "version": 1])
            default: nil
            }
        }
        let outcome = try await FastnProcess.run(
            ["deploy", folder.path("Order Sync.ts"), "--tier", "instant", "--timeout-seconds", "90"], environment: api.environment, in: folder)
        #expect(outcome.exitCode == 0)
        #expect(outcome.error == "warning: capped\n")
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.first == "order-sync is live, version 1. Call it:")
        #expect(lines.last?.contains("curl -s -X POST \(api.server.url("/api/v1/order-sync")) -H \"x-fastn-api-key: $FASTN_API_KEY\"") == true)
        #expect(lines.last?.contains("-H 'x-fastn-space-tenantid: \(FakeAPI.tenant)'") == true)
        let body = try api.body(of: "POST workflows")
        #expect(body?["name"] == "Order Sync")
        #expect(body?["slug"] == "order-sync")
        #expect(body?["language"] == "typescript")
        #expect(body?["code"] == .string(Self.code))
        #expect(body?["tier"] == "instant")
        #expect(body?["timeoutSeconds"] == 90)
    }

    @Test func `a known workflow gets a new version and keeps what is not said`() async throws {
        let folder = try workflowFolder()
        let api = try FakeAPI { method, path, _ in
            switch (method, path) {
            case ("GET", "/workflows?limit=200"): (200, FakeAPI.page(Self.others + [Self.row("w2", FakeAPI.tenant, "active")]))
            case ("PUT", "/workflows/w2"): (200, ["id": "w2"])
            case ("POST", "/workflows/w2/publish"): (202, ["id": "w2"])
            case ("GET", "/workflows/w2"): (200, ["id": "w2", "status": "active", "version": 5])
            default: nil
            }
        }
        let outcome = try await FastnProcess.run(
            ["deploy", folder.path("Order Sync.ts"), "--json"], environment: api.environment, in: folder)
        #expect(outcome.exitCode == 0)
        let json = try JSONValue(parsing: outcome.output)
        #expect(json["version"] == 5)
        #expect(json["slug"] == "order-sync")
        #expect(json["url"] == .string(api.server.url("/api/v1/order-sync")))
        #expect(try api.body(of: "PUT workflows/w2")?.object?.members.map(\.name) == ["language", "code"])
    }

    @Test func `code that does not compile is told as file, line and column`() async throws {
        let folder = try workflowFolder()
        let problem: JSONValue = ["pointer": "/code", "message": "Unexpected \";\"", "file": "workflow.ts", "line": 2, "column": 13]
        let api = try FakeAPI { method, _, _ in
            method == "GET" ? (200, FakeAPI.page([])) : (400, ["message": "workflow.ts:2:13: …", "errors": .array([problem])])
        }
        let outcome = try await FastnProcess.run(["deploy", folder.path("Order Sync.ts")], environment: api.environment, in: folder)
        #expect(outcome.exitCode == 2)
        #expect(outcome.error == "\(folder.path("Order Sync.ts")):2:13: Unexpected \";\"\n")
        #expect(outcome.output.isEmpty)
    }

    @Test func `other faults are told as the server does`() async throws {
        let folder = try workflowFolder()
        let problem: JSONValue = ["pointer": "/timeoutSeconds", "message": "must be between 5 and 900"]
        let api = try FakeAPI { method, _, _ in
            method == "GET" ? (200, FakeAPI.page([])) : (400, ["message": "/timeoutSeconds: must be between 5 and 900", "errors": .array([problem])])
        }
        let outcome = try await FastnProcess.run(["deploy", folder.path("Order Sync.ts")], environment: api.environment, in: folder)
        #expect(outcome.exitCode == 2)
        #expect(outcome.error == "fastn: /timeoutSeconds: must be between 5 and 900\n")
    }

    private static let code = "export default async () => 1;\n"
    /// Of the same slug, and yet others: archived, and another customer's.
    private static let others = [row("w0", FakeAPI.tenant, "archived"), row("w1", FakeAPI.space, "active")]

    private static func row(_ id: String, _ tenant: String, _ status: String) -> JSONValue {
        ["id": .string(id), "slug": "order-sync", "tenantId": .string(tenant), "status": .string(status)]
    }

    private func workflowFolder() throws -> ScratchFolder {
        let folder = try ScratchFolder()
        try folder.write(Self.code, to: "Order Sync.ts")
        return folder
    }
}
