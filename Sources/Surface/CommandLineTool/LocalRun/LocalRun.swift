import Delivery
import Domain
import EventSourcing
import Glibc
import HTTPClientDriver
import Runs
import SandboxDriver
import Vocabulary

/// One run of a workflow's file without a server: the real compiler, sandbox and connector over a log in memory.
struct LocalRun: Sendable {
    let source: WorkflowSource
    /// The body that the workflow is started with: its JSON is `ctx.input`, its bytes are `ctx.rawBody`.
    let body: [UInt8]
    let headers: [(name: String, value: String)]
    let timeout: Duration
    let secrets: [String: String]
    let allowsPrivateAddresses: Bool
    /// Path of the `fastn-sandbox` executable.
    let sandboxPath: String

    /// Compiles and runs; `console` sees each line as it is written.
    ///
    /// Throws ``SourceRefusal`` for a file that does not compile; how the run itself ended is in the answer.
    func run(console: @escaping @Sendable (LogLine) -> Void) async throws -> RunReport {
        guard access(sandboxPath, X_OK) == 0 else {
            throw CommandFailure.failed("\(sandboxPath) is missing; it must lie beside fastn, and is built together with it")
        }
        let sandbox = SandboxPool(configuration: .forRuns(executablePath: sandboxPath))
        let http = HTTPClient(configuration: .init(addressPolicy: AddressGuard(allowsPrivateAddresses: allowsPrivateAddresses).permits))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await sandbox.run() }
            group.addTask { try await http.run() }
            defer { group.cancelAll() }
            let script = try await compile(ScriptCompiler(pool: sandbox))
            let vault = InMemoryVault(ids: SystemIDs.source)
            let connector = HTTPConnector(client: http, catalog: EmptyCatalog(), vault: vault)
            let workbench = try await Workbench(
                artefact: script, name: TextRules.slug(from: source.name), timeout: timeout, secrets: secrets, actions: connector, sandbox: sandbox,
                ids: SystemIDs.source, console: console)
            let clock = ContinuousClock()
            let start = clock.now
            let run = try await workbench.run(event)
            return RunReport(run: run, duration: clock.now - start, source: source)
        }
    }

    /// As a webhook would bring it, since its body reaches the code byte for byte.
    private var event: ReceivedEvent {
        ReceivedEvent(
            kind: .webhook, space: SystemIDs.source.next(), trigger: nil, environment: .production,
            headers: headers.map { (name: $0.name.lowercased(), value: $0.value) }, query: nil, body: body)
    }

    private func compile(_ compiler: ScriptCompiler) async throws -> CatalogArtefact {
        do throws(ScriptError) {
            let script = try await compiler.compile(source.code, language: source.language)
            let artefact = WorkflowArtefact(hash: script.id, script: script.source, sourceMap: String(decoding: script.sourceMap, as: UTF8.self))
            return CatalogArtefact(artefact: artefact, language: source.language)
        } catch {
            guard let problems = error.problemsOfSource else { throw CommandFailure.failed(error.description) }
            throw SourceRefusal(problems.map { source.place(line: $0.location?.line, column: $0.location?.column, $0.message) })
        }
    }
}

/// A workflow's file that does not compile: one line for each place, `file:line:column: message`.
struct SourceRefusal: Error, Hashable {
    let lines: [String]
    init(_ lines: [String]) { self.lines = lines }

    /// Shows the lines, and answers how the command ends.
    func show() -> ExitStatus {
        Terminal.err(lines.map { "\(Style.red.on(.error, $0))\n" }.joined())
        return .wrongUse
    }
}

/// The catalog of a run without a server: it has no connections, and a workflow that names one is told so.
private struct EmptyCatalog: Catalog {
    func trigger(_ id: TriggerID) async throws -> CatalogTrigger? { nil }
    func workflow(_ id: WorkflowID) async throws -> CatalogWorkflow? { nil }
    func workflow(slug: String, tenant: TenantID, space: SpaceID) async throws -> CatalogWorkflow? { nil }
    func artefact(_ hash: String) async throws -> CatalogArtefact? { nil }
    func space(of tenant: TenantID) async throws -> SpaceID? { nil }
    func connection(name: String, tenant: TenantID, space: SpaceID) async throws -> CatalogConnection? { nil }
    func secret(name: String, tenant: TenantID, space: SpaceID) async throws -> CatalogSecret? { nil }
}
