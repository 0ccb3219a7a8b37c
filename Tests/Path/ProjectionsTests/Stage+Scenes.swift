import Domain
import EventSourcing
import Vocabulary

/// Things that happen in most tests.
extension Stage {
    static let artefact = WorkflowArtefact(hash: "h1", script: "script", sourceMap: "map")

    func draft(_ slug: String, owner: TenantID? = nil, tier: ExecutionTier = .instant) -> WorkflowDraft {
        WorkflowDraft(
            owner: owner ?? customer, name: slug, slug: slug, description: "", tier: tier, timeoutSeconds: tier.defaultTimeout, retry: RetryPolicy(),
            language: .typescript, code: "export default async () => 1")
    }

    /// The customer of the stage's space.
    @discardableResult
    func makeCustomer(_ tenant: TenantID? = nil, of owner: SpaceID? = nil) async throws -> LogPosition {
        try await give(
            TenantDecider.self, .create(space: owner ?? space, name: "Acme", externalID: nil), to: tenant ?? customer, of: tenant ?? customer)
    }

    @discardableResult
    func publish(_ slug: String, owner: TenantID? = nil, _ artefact: WorkflowArtefact = Self.artefact) async throws -> (
        id: WorkflowID, at: LogPosition
    ) {
        let id: WorkflowID = clock.next()
        try await give(WorkflowDecider.self, .create(draft(slug, owner: owner)), to: id, of: owner)
        return (id, try await give(WorkflowDecider.self, .publish(revision: 1, artefact: artefact), to: id, of: owner))
    }

    func request(
        _ workflow: WorkflowID = WorkflowID(bits: 0xf1), slug: String = "sync", event: EventID = EventID(bits: 0xe1), dataKey: DataKeyID? = nil
    ) -> RunRequest {
        RunRequest(
            space: space, workflow: workflow, slug: slug, version: 1, artefact: "h1", tier: .instant, timeout: .seconds(30), retry: RetryPolicy(),
            environment: .production, event: event, trigger: nil, triggeredBy: "webhook", dataKey: dataKey)
    }

    func attempt(_ number: Int) -> RunEvent { .started(RunAttempt(number: number, seed: 1, at: clock.now(), engine: "test")) }

    func call(_ index: Int, _ outcome: CallResult.Outcome) -> RunEvent {
        let call = RunCall(index: index, operation: "connector", connector: "http", action: "get", connection: "crm", input: "{\"url\":\"x\"}")
        return .callCompleted(call, CallResult(outcome: outcome, startedAt: clock.now(), duration: .microseconds(1500), deliveredAt: clock.now()))
    }

    /// A run that is asked for and, some seconds of work later, completed.
    @discardableResult
    func completeRun(_ request: RunRequest? = nil, of tenant: TenantID? = nil, after worked: Duration = .seconds(2)) async throws -> (
        id: RunID, at: LogPosition
    ) {
        let id: RunID = clock.next()
        try await give(RunDecider.self, .request(request ?? self.request()), to: id, of: tenant, by: .system("router"))
        let started = attempt(1)
        clock.advance(by: worked)
        let end: [RunEvent] = [started, call(0, .value(Array("[1]".utf8))), .completed(output: Array("{\"ok\":true}".utf8))]
        return (id, try await give(RunDecider.self, .record(end), to: id, of: tenant, by: .system("runs")))
    }

    func received(_ body: String = "{}", trigger: TriggerID? = TriggerID(bits: 0x7), of space: SpaceID? = nil) -> ReceivedEvent {
        ReceivedEvent(
            kind: .webhook, space: space ?? self.space, trigger: trigger, environment: .production,
            headers: [(name: "content-type", value: "application/json"), (name: "x-github-event", value: "issues")], query: nil,
            body: Array(body.utf8))
    }

    @discardableResult
    func receive(of tenant: TenantID? = nil) async throws -> (id: EventID, at: LogPosition) {
        let id: EventID = clock.next()
        return (id, try await give(ReceivedEventDecider.self, .receive(received()), to: id, of: tenant))
    }
}
