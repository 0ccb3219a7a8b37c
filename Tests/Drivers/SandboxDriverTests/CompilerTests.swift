import SandboxDriver
import Testing

@Suite struct `Compiling a workflow` {
    private func compile(_ source: String, language: ScriptLanguage = .typescript) async throws -> SandboxScript {
        try await Sandbox.withPool { pool in
            let fileName = language == .typescript ? "workflow.ts" : "workflow.js"
            return try await ScriptCompiler(pool: pool).compile(source: source, fileName: fileName, language: language)
        }
    }

    private func run(_ source: String, language: ScriptLanguage = .typescript) async throws -> Transcript {
        let script = try await compile(source, language: language)
        return try await Sandbox.withPool { pool in try await Transcript(of: pool.open(trustDomain: "t", script: script, start: .test(input: "20"))) }
    }

    private func problems(_ source: String, language: ScriptLanguage = .typescript) async throws -> [ScriptProblem] {
        do {
            _ = try await compile(source, language: language)
            return []
        } catch ScriptError.refused(let problems) {
            return problems
        }
    }

    @Test func `TypeScript runs without its types`() async throws {
        let run = try await run(
            """
            enum E { A = 2 }
            interface I { n: number }
            export default async function (ctx: any): Promise<I> { return { n: ctx.input + E.A } satisfies I; }
            """)
        #expect(run.result == #"{"n":22}"#)
    }

    @Test func `JavaScript runs too`() async throws {
        #expect(try await run("export default async (ctx) => ctx.input + 1", language: .javascript).result == "21")
    }

    @Test func `a syntax error names file, line, column and text`() async throws {
        let problems = try await problems("export default async function (ctx: any) {\n  const a b = 1;\n}\n")
        #expect(problems == [
            ScriptProblem(
                location: SandboxLocation(file: "workflow.ts", line: 2, column: 11), message: "Expected \";\" but found \"b\"",
                lineText: "  const a b = 1;")
        ])
    }

    @Test func `types in JavaScript are an error`() async throws {
        #expect(try await problems("export default async function (ctx: any) {}", language: .javascript).first?.location?.line == 1)
    }

    @Test func `an exception names the customer's line`() async throws {
        let source = """
            interface Order {
              id: number
            }

            function total(orders: Order[]): number {
              if (orders.length === 0) {
                throw new Error("no orders")
              }
              return orders.length
            }

            export default async function (ctx: any) {
              await fastn.state.get("k")
              return total([])
            }
            """
        let failure = try #require(try await run(source).failure)
        #expect(failure.location?.line == 7)
        #expect(failure.location?.file == "workflow.ts")
        let frames = failure.stack.split(separator: "\n")
        #expect(frames.first?.hasPrefix("total (workflow.ts:7:") == true)
        #expect(frames.dropFirst().first?.contains("workflow.ts:14:") == true)
        #expect(!failure.stack.contains("fastn:"))
    }

    @Test func `a rejected host call names the line of the call`() async throws {
        let script = try await compile("export default async function () {\n  const a = 1\n  return fastn.secrets.get('x')\n}\n")
        let run = try await Sandbox.withPool { pool in
            try await Transcript(of: pool.open(trustDomain: "t", script: script, start: .test()), answer: { _ in .error(name: "E", message: "m") })
        }
        #expect(run.failure?.location?.line == 3)
    }

    @Test func `an endless loop names its line`() async throws {
        let script = try await compile("export default async function () {\n  let a = 1\n  for (;;) {\n    a = Math.max(a, 2)\n  }\n}\n")
        let end = try await Sandbox.withPool({ $0.perEntryLimit = .milliseconds(100) }) { pool in
            try await Transcript(of: pool.open(trustDomain: "t", script: script, start: .test())).end
        }
        guard case .cpuLimit(let place) = end else { throw Unexpected() }
        #expect(place?.line == 4)
    }

    @Test func `a logged error shows the customer's lines`() async throws {
        let run = try await run("export default async function () {\n  console.error(new Error('x'))\n}\n")
        #expect(run.logs.first?.contains("(workflow.ts:2:") == true)
        #expect(run.logs.first?.contains("fastn:") == false)
    }

    @Test func `an import is refused with the module's name and its line`() async throws {
        let problems = try await problems("const a = 1\nimport axios from \"axios\"\nexport default async function () { return axios(a) }\n")
        #expect(problems.first?.message == "module \"axios\" is not available in workflows")
        #expect(problems.first?.location?.line == 2)
    }

    @Test(arguments: ["export const a = 1", "export default 5", "", "export async function main() {}"])
    func `a missing default function is refused`(source: String) async throws {
        #expect(try await problems(source).first?.message.contains("export default async function") == true)
    }

    @Test func `a workflow that fails while it is loaded is refused with its line`() async throws {
        let problems = try await problems("const a: any = null\n\na.b()\nexport default async function () {}")
        #expect(problems.first?.location?.line == 3)
    }

    @Test func `an undeclared variable is an error at its line`() async throws {
        let failure = try #require(try await run("export default async function () {\n  forgotten = 1\n}\n").failure)
        #expect(failure.name == "ReferenceError")
        #expect(failure.location?.line == 2)
    }

    @Test func `a source above the bound is refused before it is compiled`() async throws {
        await #expect(throws: ScriptError.tooLarge(bytes: 300_000)) { _ = try await compile(String(repeating: " ", count: 300_000)) }
    }

    @Test func `a source that would need much memory harms nobody`() async throws {
        let nested = String(repeating: "(", count: 120_000) + "1" + String(repeating: ")", count: 120_000)
        await #expect(throws: ScriptError.self) { _ = try await compile("export default async () => \(nested)") }
    }

    @Test func `a missing compiler is reported as such`() async throws {
        await #expect(throws: ScriptError.self) {
            try await Sandbox.withPool { pool in
                var configuration = ScriptCompiler.Configuration()
                configuration.compilerPath = "/nonexistent/esbuild"
                let compiler = ScriptCompiler(configuration: configuration, pool: pool)
                _ = try await compiler.compile(source: "export default () => 1", fileName: "w.ts", language: .typescript)
            }
        }
    }

    @Test func `equal sources have equal ids`() async throws {
        let source = "export default async () => 1"
        let first = try await compile(source), second = try await compile(source), other = try await compile(source + " ")
        #expect(first.id == second.id)
        #expect(first.id != other.id)
        #expect(first.id.count == 64)
    }

    @Test(arguments: [
        "for await (const x of [Promise.resolve(1), Promise.reject(new Error('r'))]) {}", "await Array.fromAsync([Promise.reject(new Error('r'))])",
        "for await (const x of new Set([Promise.reject(new Error('r'))])) {}",
    ])
    func `a rejection inside for-await reaches the workflow`(statement: String) async throws {
        let run = try await run("export default async function () {\n  try { \(statement) } catch (e: any) { return e.message }\n}")
        #expect(run.result == #""r""#)
    }
}
