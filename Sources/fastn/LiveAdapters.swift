import Cluster
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

/// Executes, cancels and replays runs for the API, on the node that owns them.
struct LiveRuns: RunControlling {
    /// How long another node may take to say that a run has ended before it is asked again; it joins whoever waits already.
    private static let answerLimit = Duration.seconds(15)
    /// How long a caller waits in all: the longest Instant run, and once the time in which a node that died is replaced.
    private static let patience = Duration.seconds(90)
    private static let pause = Duration.milliseconds(50)

    let executor: RunExecutor
    let replayer: RunReplayer
    let runs: EntityDirectory<RunDecider>
    let registry: any SliceRegistry
    let calls: NodeCalls

    func execute(_ id: RunID, tenant: TenantID, lane: Lane) async throws -> Run? {
        let (slice, deadline) = (Slice(of: tenant), ContinuousClock.now + Self.patience)
        while true {
            if registry.term(of: slice) != nil {
                do { return try await executor.execute(id, tenant: tenant, lane: lane) } catch let error as EventStoreError
                    where error.code == .fenced && ContinuousClock.now < deadline
                {}
            } else if let owner = registry.owner(of: slice) {
                switch await calls.ask(.execute(id, tenant, lane), of: owner, within: Self.answerLimit) {
                case .done: return try await state(of: id, tenant)
                case .failed(let error): throw error
                case .notMine, .outcome, nil: break
                }
            }
            guard .now < deadline else { throw EventStoreError(.unavailable) }
            await registry.look(for: slice)
            try await Task.sleep(for: Self.pause)
        }
    }

    private func state(of id: RunID, _ tenant: TenantID) async throws -> Run? {
        guard case .present(let run) = try await runs.state(at: .monthly(RunDecider.self, id, in: tenant)) else { return nil }
        return run
    }

    func cancel(_ id: RunID, tenant: TenantID, _ envelope: CommandEnvelope) async throws -> EntityReply<RunState> {
        let reply = try await executor.cancel(id, tenant: tenant, envelope)
        // Should the owner not hear of it, its next append meets the cancellation.
        if let owner = registry.owner(of: Slice(of: tenant)), owner != registry.node {
            _ = await calls.ask(.stop(id), of: owner, within: .seconds(1))
        }
        return reply
    }

    func replay(_ id: RunID, tenant: TenantID) async throws -> ReplayAnswer {
        let report = try await replayer.replay(id, tenant: tenant)
        return ReplayAnswer(isSame: report.isSame, calls: report.calls, difference: report.difference)
    }
}

extension RunExecutor {
    /// Executes a run for another node.
    func answer(_ id: RunID, tenant: TenantID, lane: Lane) async -> NodeAnswer {
        do {
            _ = try await execute(id, tenant: tenant, lane: lane)
            return .done
        } catch let error as EventStoreError { return .failed(error) } catch { return .failed(EventStoreError(.unavailable)) }
    }
}
