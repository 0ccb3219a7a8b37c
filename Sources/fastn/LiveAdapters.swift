import CommandLineTool
import Domain
import EventSourcing
import HTTPAPI
import Runs
import SandboxDriver
import Cryptography
import Vocabulary

/// Compiles workflows with the sandbox's compiler, and names what it makes by its content.
struct LiveCompiler: WorkflowCompiling {
    let compiler: ScriptCompiler

    func compile(_ source: String, language: WorkflowLanguage) async throws -> WorkflowArtefact {
        do throws(ScriptError) {
            let script = try await compiler.compile(source, language: language)
            let hash = SHA256.hash(Array("\(source)\u{0}\(script.source)".utf8)).hex
            return WorkflowArtefact(hash: hash, script: script.source, sourceMap: String(decoding: script.sourceMap, as: UTF8.self))
        } catch {
            guard let problems = error.problemsOfSource else { throw error }
            throw CompilationFailure(
                problems.map {
                    .init(file: $0.location?.file ?? language.fileName, line: $0.location?.line, column: $0.location?.column, message: $0.message)
                })
        }
    }
}

/// Executes, cancels and replays runs for the API.
struct LiveRuns: RunControlling {
    let executor: RunExecutor
    let replayer: RunReplayer

    func execute(_ id: RunID, tenant: TenantID, lane: Lane) async throws -> Run? { try await executor.execute(id, tenant: tenant, lane: lane) }

    func cancel(_ id: RunID, tenant: TenantID, _ envelope: CommandEnvelope) async throws -> EntityReply<RunState> {
        try await executor.cancel(id, tenant: tenant, envelope)
    }

    func replay(_ id: RunID, tenant: TenantID) async throws -> ReplayAnswer {
        let report = try await replayer.replay(id, tenant: tenant)
        return ReplayAnswer(isSame: report.isSame, calls: report.calls, difference: report.difference)
    }
}
