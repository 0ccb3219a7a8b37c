import BuildProducts
import Domain
import LoopbackHTTPServer
import ProcessTestKit
import Synchronization
import Testing
import Vocabulary

@testable import CommandLineTool

@Suite struct `Running a file without a server` {
    @Test func `the result, the console and the input are the workflow's`() async throws {
        let lines = Mutex<[LogLine]>([])
        let report = try await run(
            """
            interface Order { id: number }
            export default async function (ctx: { input: Order, headers: Record<string, string>, rawBody: unknown }) {
              console.log("order", ctx.input.id);
              console.warn("careful");
              return { id: ctx.input.id, header: ctx.headers["x-one"], raw: String(ctx.rawBody) };
            }
            """, body: #"{"id": 12345678901234567890}"#, headers: [("X-One", "1")]
        ) { line in lines.withLock { $0.append(line) } }
        #expect(report.exitStatus == .done)
        #expect(text(report) == #"{"id":"12345678901234567890","header":"1","raw":"{\"id\": 12345678901234567890}"}"# + "\n")
        #expect(report.standardError.isEmpty)
        let console = lines.withLock { $0.map { ConsoleLine.text(level: $0.level, $0.text, on: .error) } }
        #expect(console == ["order 12345678901234567890", "[warn] careful"])
    }

    @Test func `an exception names the file's line`() async throws {
        let report = try await run("type A = number;\n\nexport default async function main(ctx: any) {\n  throw new TypeError('boom');\n}\n")
        #expect(report.exitStatus == .failed)
        #expect(report.standardOutput(json: false).isEmpty)
        #expect(report.standardError.hasPrefix("flow.ts:4:13: TypeError: boom\n    at "))
        let json = try JSONValue(parsing: report.standardOutput(json: true))
        #expect(json["status"] == "failed")
        #expect(json["error"]?["location"] == "flow.ts:4:13")
    }

    @Test func `a run that takes too long is timed out`() async throws {
        let report = try await run("export default () => new Promise((done) => setTimeout(done, 60000));", timeout: .milliseconds(200))
        #expect(report.exitStatus == .timedOut)
        #expect(report.standardError.hasPrefix("timed out: "))
        #expect(try JSONValue(parsing: report.standardOutput(json: true))["status"] == "timed_out")
    }

    @Test func `a file that does not compile is refused with its places`() async throws {
        let refusal = await #expect(throws: SourceRefusal.self) { try await run("export default async () => {\n  const x = ;\n};\n") }
        #expect(refusal?.lines == ["flow.ts:2:13: Unexpected \";\""])
    }

    @Test func `a file without a default function is refused`() async throws {
        let refusal = await #expect(throws: SourceRefusal.self) { try await run("export const a = 1;") }
        #expect(refusal?.lines.first?.hasPrefix("flow.ts: ") == true)
    }

    @Test func `secrets are found by name and struck out of the result`() async throws {
        let report = try await run(
            "export default async () => { const s = await fastn.secrets.get('KEY'); return [s.length, s]; }", secrets: ["KEY": "geheim"])
        #expect(text(report) == #"[6,"[secret KEY]"]"# + "\n")
    }

    @Test func `private addresses are reached only when that is allowed`() async throws {
        let server = try LoopbackHTTPServer { _ in .text("{}", type: "application/json") }
        let code = "export default async (ctx) => (await fastn.connector.http.get({ url: ctx.input })).status"
        let refused = try await run(code, body: JSONValue.string(server.url()).text)
        #expect(refused.exitStatus == .failed)
        #expect(refused.standardError.contains("ADDRESS_REFUSED"))
        #expect(server.connectionCount == 0)
        let allowed = try await run(code, body: JSONValue.string(server.url()).text, allowsPrivateAddresses: true)
        #expect(text(allowed) == "200\n")
    }

    @Test func `a missing sandbox is said in one line`() async {
        let source = WorkflowSource(path: "flow.ts", code: "export default () => 1", language: .typescript)
        let local = LocalRun(
            source: source, body: [], headers: [], timeout: .seconds(5), secrets: [:], allowsPrivateAddresses: false,
            sandboxPath: "/nowhere/fastn-sandbox")
        let failure = await #expect(throws: CommandFailure.self) { try await local.run { _ in } }
        #expect(failure?.description.hasPrefix("/nowhere/fastn-sandbox is missing") == true)
    }

    private func text(_ report: RunReport) -> String { String(decoding: report.standardOutput(json: false), as: UTF8.self) }

    private func run(
        _ code: String, body: String = "{}", headers: [(name: String, value: String)] = [], timeout: Duration = .seconds(30),
        secrets: [String: String] = [:], allowsPrivateAddresses: Bool = false, console: @escaping @Sendable (LogLine) -> Void = { _ in }
    ) async throws -> RunReport {
        let local = LocalRun(
            source: WorkflowSource(path: "flow.ts", code: code, language: .typescript), body: Array(body.utf8), headers: headers, timeout: timeout,
            secrets: secrets, allowsPrivateAddresses: allowsPrivateAddresses, sandboxPath: BuildProducts.path(of: "fastn-sandbox"))
        return try await local.run(console: console)
    }
}

@Suite struct `The command that runs a file` {
    @Test func `result and console go different ways`() async throws {
        let folder = try ScratchFolder()
        try folder.write("export default async (ctx) => { console.log('seen', ctx.headers.a); return ctx.input; };\n", to: "flow.js")
        let arguments = ["run", folder.path("flow.js"), "--input", "-", "--headers", #"{"A": "b"}"#]
        let outcome = try await FastnProcess.run(arguments, input: "{\"a\": [1, 2]}\n", in: folder)
        #expect(outcome.exitCode == 0)
        #expect(outcome.output == "{\"a\":[1,2]}\n")
        #expect(outcome.error == "seen b\n")
    }

    @Test(arguments: [
        ("() => { throw new Error('no') }", "1m", 1), ("() => new Promise((done) => setTimeout(done, 60000))", "300ms", 124), ("() =>", "1m", 2),
    ] as [(String, String, Int32)])
    func `how the run ends is the exit code`(code: String, timeout: String, exitCode: Int32) async throws {
        let folder = try ScratchFolder()
        try folder.write("export default \(code);\n", to: "flow.js")
        let outcome = try await FastnProcess.run(["run", folder.path("flow.js"), "--timeout", timeout], in: folder)
        #expect(outcome.exitCode == exitCode)
        #expect(outcome.error.contains("flow.js:1:") || exitCode == 124)
        #expect(outcome.output.isEmpty)
    }

    @Test func `raw bytes reach the code unread`() async throws {
        let folder = try ScratchFolder()
        try folder.write("export default async (ctx) => [typeof ctx.input, ctx.rawBody.length];\n", to: "flow.js")
        try folder.write("a=1&b=2", to: "body")
        let outcome = try await FastnProcess.run(["run", folder.path("flow.js"), "--raw-body", folder.path("body")], in: folder)
        #expect(outcome.output == "[\"string\",7]\n")
        let both = try await FastnProcess.run(["run", folder.path("flow.js"), "--raw-body", folder.path("body"), "--input", "1"], in: folder)
        #expect(both.exitCode == 2)
    }
}
