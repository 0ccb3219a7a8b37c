import BuildProducts
import Domain
import EventSourcing
import Glibc
import SandboxDriver
import Synchronization
import Vocabulary

@testable import Runs

/// A run's world in memory: the log's twin, one workflow, a fake of the outside, and the real sandbox.
struct RunHarness: Sendable {
    let store: InMemoryEventStore
    let vault: InMemoryVault
    let outside: FakeOutside
    let ids: ClosureIDSource
    let tenant: TenantID
    let artefact: CatalogArtefact
    let secrets: [String: CatalogSecret]
    var configuration = RunsConfiguration()

    init(_ code: String, outside: FakeOutside = FakeOutside(), secrets: [String: String] = [:]) async throws {
        let ids = ClosureIDSource(clock: Self.systemTime, random: { UInt128.random(in: .min ... .max) })
        self.ids = ids
        self.outside = outside
        store = InMemoryEventStore(clock: ids)
        vault = InMemoryVault(ids: ids)
        tenant = ids.next()
        artefact = Self.artefact(code)
        var sealed: [String: CatalogSecret] = [:]
        for (name, value) in secrets {
            let id = try await vault.seal(Array(value.utf8), tenant: tenant, name: name)
            sealed[name] = CatalogSecret(owner: tenant, name: name, id: id)
        }
        self.secrets = sealed
    }

    static func artefact(_ code: String) -> CatalogArtefact {
        let script = "\"use strict\"; var __wf = { default: \(code) };"
        return CatalogArtefact(artefact: WorkflowArtefact(hash: "hash of \(code)", script: script, sourceMap: ""), language: .javascript)
    }

    static func systemTime() -> Timestamp {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Timestamp(microseconds: Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000)
    }

    /// Runs `body` with an executor over this world; another one over the same world is what a restarted process has.
    func withExecutor<R: Sendable>(
        code: CatalogArtefact? = nil, _ body: @concurrent @Sendable @escaping (RunExecutor, RunServices, SandboxPool) async throws -> R
    ) async throws -> R {
        let sandbox = SandboxPool(configuration: .forRuns(executablePath: BuildProducts.path(of: "fastn-sandbox")))
        let code = code ?? artefact
        let workflow = CatalogWorkflow(
            id: WorkflowID(bits: 77), owner: tenant, slug: "test", isActive: true, version: 1, artefact: artefact.artefact.hash, tier: .standard,
            timeoutSeconds: 60, retry: RetryPolicy())
        let catalog = WorkbenchCatalog(
            tenant: tenant, workflow: workflow,
            artefact: CatalogArtefact(artefact: code.artefact.renamed(artefact.artefact.hash), language: .javascript),
            secrets: secrets)
        let services = RunServices(
            runs: EntityDirectory(store: store, ids: ids, trail: nil), store: store, recent: RecentEvents(), catalog: catalog, vault: vault,
            state: store, actions: outside, ids: ids, configuration: configuration)
        return try await withThrowingTaskGroup(of: R?.self) { group in
            group.addTask {
                await sandbox.run()
                return nil
            }
            group.addTask { try await body(RunExecutor(services: services, sandbox: sandbox), services, sandbox) }
            defer { group.cancelAll() }
            while let result = try await group.next() { if let result { return result } }
            throw CancellationError()
        }
    }

    /// Asks for a run of the workflow with this input.
    func request(
        _ services: RunServices, input: String = "{}", tier: ExecutionTier = .standard, timeout: Duration = .seconds(30),
        retry: RetryPolicy = RetryPolicy(), hasEvent: Bool = true, dataKey: DataKeyID? = nil
    )
        async throws -> RunID
    {
        let event: EventID = ids.next()
        let run: RunID = .derived(from: event, digest: ids.random128())
        let received = ReceivedEvent(
            kind: .manual, space: tenant, trigger: nil, environment: .production, headers: [], query: nil, body: Array("{\"input\":\(input)}".utf8),
            dataKey: dataKey)
        let events = EntityDirectory<ReceivedEventDecider>(store: store, ids: ids, trail: nil)
        if hasEvent { _ = try await events.send(.receive(received), to: .monthly(ReceivedEventDecider.self, event, in: tenant), envelope) }
        let request = RunRequest(
            space: tenant, workflow: WorkflowID(bits: 77), slug: "test", version: 1, artefact: artefact.artefact.hash, tier: tier, timeout: timeout,
            retry: retry, environment: .production, event: event, trigger: nil, triggeredBy: "manual",
            dataKey: dataKey)
        _ = try await services.runs.send(.request(request), to: .monthly(RunDecider.self, run, in: tenant), envelope)
        return run
    }

    /// Writes down that an attempt began, as an executor would that died after `events`.
    func start(_ id: RunID, _ services: RunServices, at time: Timestamp? = nil, _ events: [RunEvent] = []) async throws {
        let attempt = RunAttempt(number: 1, seed: 1, at: time ?? ids.now(), engine: "test")
        _ = try await services.runs.send(.record([.started(attempt)] + events), to: .monthly(RunDecider.self, id, in: tenant), envelope)
    }

    /// Executes a run through all its attempts, each when its time has come.
    func finish(_ id: RunID, _ executor: RunExecutor) async throws -> Run {
        while true {
            let run = try await executor.execute(id, tenant: tenant, lane: .p2).found()
            guard case .retry = run.waiting else { return run }
            await Task.yield()
        }
    }

    /// Asks for a run and executes it.
    func run(input: String = "{}", tier: ExecutionTier = .standard, timeout: Duration = .seconds(30)) async throws -> Run {
        try await withExecutor { executor, services, _ in
            let id = try await request(services, input: input, tier: tier, timeout: timeout)
            return try await executor.execute(id, tenant: tenant, lane: .p1).found()
        }
    }

    var envelope: CommandEnvelope {
        CommandEnvelope(commandID: ids.next(), principal: .system("test"), correlation: ids.next(), lane: .p1, isRemembered: false)
    }

    /// Every event of a run as the log has it.
    func journal(_ run: RunID) async throws -> [RecordedEvent] {
        try await store.read(.monthly(RunDecider.self, run, in: tenant), after: .none, limit: 10_000)
    }
}

/// Another company's API, as far as runs see it: counts what reaches it, and can hold an answer back.
final class FakeOutside: ActionCaller {
    private let handler: @Sendable (ActionCall) async throws -> ActionOutcome
    private let received = Mutex<[ActionCall]>([])

    init(_ handler: @escaping @Sendable (ActionCall) async throws -> ActionOutcome = { _ in .value(Array("{\"ok\":true}".utf8)) }) {
        self.handler = handler
    }

    var calls: [ActionCall] { received.withLock { $0 } }

    func isIdempotent(connector: String, action: String) -> Bool { action == "get" }

    func call(_ call: ActionCall) async throws -> ActionOutcome {
        received.withLock { $0.append(call) }
        return try await handler(call)
    }
}

extension WorkflowArtefact {
    func renamed(_ hash: String) -> WorkflowArtefact { WorkflowArtefact(hash: hash, script: script, sourceMap: sourceMap) }
}

extension Optional {
    struct Missing: Error {}

    func found() throws -> Wrapped {
        guard let self else { throw Missing() }
        return self
    }
}

extension Run {
    var outputText: String? { output.map { String(decoding: $0, as: UTF8.self) } }
}

extension RetryPolicy {
    /// Tries again as soon as can be.
    static var atOnce: RetryPolicy {
        var policy = RetryPolicy()
        policy.isEnabled = true
        policy.initialIntervalMilliseconds = 1
        return policy
    }
}
