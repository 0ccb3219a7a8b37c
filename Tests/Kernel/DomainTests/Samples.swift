import Domain
import Vocabulary

// Fixed values that the tests and the stored samples in schemas/events share.

extension Identifier {
    /// An id that is easy to recognise: `00000000-0000-7000-8000-0000000000NN`.
    static func sample(_ number: UInt8) -> Identifier { Identifier(bits: 7 << 76 | 2 << 62 | UInt128(number)) }
}

extension SpaceID {
    static let acme = SpaceID.sample(1)
    static let customer = TenantID.sample(2)
}

extension Timestamp {
    /// 2026-03-01T09:30:00Z.
    static let morning = Timestamp(microseconds: 1_772_357_400_000_000)
}

extension WorkflowDraft {
    static let sample = WorkflowDraft(
        owner: .acme, name: "New issue", slug: "new-issue", description: "", tier: .standard, timeoutSeconds: 300, retry: RetryPolicy(),
        language: .typescript, code: "export default async () => 1")

    func with<Value>(_ path: WritableKeyPath<WorkflowDraft, Value>, _ value: Value) -> WorkflowDraft {
        var draft = self
        draft[keyPath: path] = value
        return draft
    }
}

extension WorkflowArtefact {
    static func sample(_ hash: String) -> WorkflowArtefact { WorkflowArtefact(hash: hash, script: "async () => 1", sourceMap: "{\"version\":3}") }
}

extension TriggerSpecification {
    static let sample = specification()

    static func specification(
        space: SpaceID = .acme, name: String = "GitHub", scheme: String = "github", secret: SecretID? = .sample(5),
        routes: [TriggerRoute] = [
            TriggerRoute(workflow: .sample(3), filter: ["body": ["action": "opened"], "headers": ["X-GitHub-Event": "issues"]])
        ], subject: String? = nil
    ) -> TriggerSpecification {
        TriggerSpecification(
            space: space, name: name, environment: .production, scheme: scheme, secret: secret, routes: routes, subject: subject)
    }
}

extension ConnectionProfile {
    static let sample = profile()

    static func profile(
        name: String = "crm", connector: String = "http", auth: ConnectionAuth = .apiKey(header: "X-API-Key"), hosts: [String] = ["api.example.com"]
    ) -> ConnectionProfile {
        ConnectionProfile(tenant: .customer, name: name, connector: connector, auth: auth, allowedHosts: hosts)
    }
}

extension ReceivedEvent {
    static let webhook = ReceivedEvent(
        kind: .webhook, space: .acme, trigger: .sample(4), environment: .production,
        headers: [("content-type", "application/json"), ("x-github-event", "issues")], query: "a=1&b=2", body: Array("{\"action\":\"opened\"}".utf8))
    static let ofSubject = ReceivedEvent(
        kind: .webhook, space: .acme, trigger: .sample(4), environment: .production, headers: [], query: nil,
        body: Array("{\"customer\":\"anna\"}".utf8), dataKey: .sample(11))
    static let called = ReceivedEvent(
        kind: .manual, space: .acme, trigger: nil, environment: .production, headers: [], query: nil, body: Array("{}".utf8))
}

extension NormalizedEvent {
    static let sample = NormalizedEvent(source: "github", type: "issues.opened", idempotencyKey: "ab12")
}

extension IssuedKey {
    static func sample(_ number: UInt8) -> IssuedKey { IssuedKey(id: .sample(number), name: "ci", kind: .live, digest: "cd34") }
}

extension RunRequest {
    static let sample = request()

    static func request(trigger: TriggerID? = .sample(4), dataKey: DataKeyID? = nil) -> RunRequest {
        var retry = RetryPolicy()
        retry.isEnabled = true
        return RunRequest(
            space: .acme, workflow: .sample(3), slug: "new-issue", version: 2, artefact: "ef56", tier: .standard, timeout: .seconds(300),
            retry: retry,
            environment: .production, event: .sample(6), trigger: trigger, triggeredBy: "webhook", dataKey: dataKey)
    }
}

extension RunFailure {
    static let sample = RunFailure(
        name: "TypeError", message: "x is not a function", stack: "at run (workflow.ts:7:15)", location: "workflow.ts:7:15")
    static let brief = RunFailure(name: "timeout", message: "took longer than 300 s")
}

extension RunAttempt {
    static func sample(_ number: Int) -> RunAttempt {
        RunAttempt(number: number, seed: 18_446_744_073_709_551_615, at: .morning, engine: "jsc-2.50.6")
    }
}

extension RunCall {
    static func sample(_ index: Int, input: String = "{\"key\":\"k\"}") -> RunCall { RunCall(index: index, operation: "state.get", input: input) }

    static let connector = RunCall(
        index: 1, operation: "connector", connector: "http", action: "post", connection: "crm", input: "{\"url\":\"https://api.example.com/\"}")
}

extension CallResult {
    static func sample(_ outcome: CallResult.Outcome) -> CallResult {
        CallResult(outcome: outcome, startedAt: .morning, duration: .microseconds(1500), deliveredAt: .morning + .milliseconds(2))
    }

    static let value = sample(.value(Array("{\"n\":1}".utf8)))
    static let error = sample(.error(.sample))
}

extension RunEvent {
    static let began = RunEvent.started(.sample(1))
    static let waits = RunEvent.retryScheduled(attempt: 1, due: .morning + .seconds(5), .sample)
}

extension PlacementClaim {
    static let sample = PlacementClaim(space: .acme, customer: .customer, externalID: "42")
}

extension ErasureRequest {
    static let sample = ErasureRequest(subject: .sample(10), reason: "asked for it on 1 March")
    static let ofTenant = ErasureRequest(subject: nil, reason: "end of contract")
}
