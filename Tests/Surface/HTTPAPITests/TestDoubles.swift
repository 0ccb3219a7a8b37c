import Cryptography
import Domain
import EventSourcing
import HTTPAPI
import Synchronization
import Vocabulary

/// A compiler for code that says itself how it is: `broken` does not compile, `typed` only as TypeScript.
struct TestCompiler: WorkflowCompiling {
    func compile(_ source: String, language: WorkflowLanguage) async throws -> WorkflowArtefact {
        let isRefused = source.contains("broken") || source.contains("typed") && language == .javascript
        if isRefused {
            throw CompilationFailure([.init(file: language.fileName, line: 3, column: 5, message: "unexpected token")])
        }
        return WorkflowArtefact(hash: SHA256.hash(Array(source.utf8)).hex, script: source, sourceMap: "{}")
    }
}

/// Runs that end as they are told to.
final class TestRuns: RunControlling {
    private let directory: EntityDirectory<RunDecider>
    private let ids: any IDSource
    private let end = Mutex<[RunEvent]>([.completed(output: Array("{\"answer\":42}".utf8))])

    private let failure = Mutex<EventStoreError?>(nil)

    init(directory: EntityDirectory<RunDecider>, ids: any IDSource) {
        self.directory = directory
        self.ids = ids
    }

    /// Lets no run be executed from now on.
    func fail(with error: EventStoreError) { failure.withLock { $0 = error } }

    /// What every run learns from now on, after its start.
    func endAs(_ events: RunEvent...) { end.withLock { $0 = events } }

    func execute(_ id: RunID, tenant: TenantID, lane: Lane) async throws -> Run? {
        if let error = failure.withLock({ $0 }) { throw error }
        let start = RunEvent.started(RunAttempt(number: 1, seed: 1, at: ids.now(), engine: "test"))
        let events = end.withLock { $0 }
        let envelope = CommandEnvelope(commandID: ids.next(), principal: .system("test"), correlation: ids.next(), lane: lane)
        let reply = try await directory.send(.record([start] + events), to: .monthly(RunDecider.self, id, in: tenant), envelope)
        guard case .present(let run) = reply.state else { return nil }
        return run
    }

    func cancel(_ id: RunID, tenant: TenantID, _ envelope: CommandEnvelope) async throws -> EntityReply<RunState> {
        try await directory.send(.cancel, to: .monthly(RunDecider.self, id, in: tenant), envelope)
    }

    func replay(_ id: RunID, tenant: TenantID) async throws -> ReplayAnswer {
        guard case .present(let run) = try await directory.state(at: .monthly(RunDecider.self, id, in: tenant)), run.status.isEnd else {
            throw EntityRejection.notNow("only an execution that has ended can be replayed")
        }
        return ReplayAnswer(isSame: true, calls: run.calls.count, difference: nil)
    }
}
