import ProcessTestKit
import Testing
import Vocabulary

@Suite struct `fastn erase` {
    private static let erasure: JSONValue = [
        "id": "01900000-0000-7000-8000-0000000000e1", "tenantId": .string(FakeAPI.tenant), "scope": "subject", "status": "requested",
    ]

    @Test(arguments: [(["anna"], ""), (["-"], "anna\n")])
    func `sends the person and the reason, and names the erasure`(arguments: [String], input: String) async throws {
        let api = try FakeAPI { method, path, _ in method == "POST" && path == "/erasures" ? (201, Self.erasure) : nil }
        let outcome = try await FastnProcess.run(
            ["erase"] + arguments + ["--reason", "asked for it"], environment: api.environment, input: input)
        #expect(outcome.exitCode == 0, "\(outcome.error)")
        #expect(try api.body(of: "POST erasures") == ["reason": "asked for it", "subject": "anna"])
        #expect(outcome.output.contains("01900000-0000-7000-8000-0000000000e1") && !outcome.output.contains("anna"))
    }

    @Test func `asks for everything in so many words`() async throws {
        let api = try FakeAPI { method, path, _ in method == "POST" && path == "/erasures" ? (201, Self.erasure) : nil }
        let outcome = try await FastnProcess.run(["erase", "--everything", "--reason", "end", "--json"], environment: api.environment)
        #expect(try JSONValue(parsing: outcome.output) == Self.erasure)
        #expect(try api.body(of: "POST erasures") == ["reason": "end", "everything": true])
    }

    @Test func `of a person of whom nothing was kept ends with 1`() async throws {
        let api = try FakeAPI { _, _, _ in nil }
        let outcome = try await FastnProcess.run(["erase", "nobody", "--reason", "x"], environment: api.environment)
        #expect(outcome.exitCode == 1 && outcome.error.contains("does not exist"), "\(outcome.error)")
    }
}
