import Domain
import Vocabulary

/// One event and the file in schemas/events that holds its stored form.
struct StoredSample: Sendable, CustomStringConvertible {
    /// The file's name without `.json`: type, version and, where a type has several shapes, which.
    let description: String
    let event: any DomainEvent
    let restore: @Sendable (StoredForm) throws -> any DomainEvent

    init<Event: DomainEvent>(_ event: Event, shape: String? = nil) {
        let form = event.stored
        description = "\(form.type).v\(form.schema)" + (shape.map { ".\($0)" } ?? "")
        self.event = event
        restore = { try Event.restore($0) }
    }

    static let all = spaces + workflows + triggers + connections + receivedEvents + runs + erasures

    private static let spaces: [StoredSample] = [
        StoredSample(SpaceEvent.created(name: "Acme")), StoredSample(SpaceEvent.keyIssued(.sample(7))),
        StoredSample(SpaceEvent.keyRevoked(.sample(7))),
        StoredSample(TenantEvent.created(space: .acme, name: "Customer", externalID: "42")),
        StoredSample(TenantEvent.created(space: .acme, name: "Customer", externalID: nil), shape: "without-external-id"),
        StoredSample(TenantEvent.created(space: .acme, name: "Customer", externalID: "42", isPlaced: true), shape: "placed"),
        StoredSample(TenantEvent.abandoned),
        StoredSample(PlacementEvent.claimed(.sample)), StoredSample(PlacementEvent.released(.sample)),
        StoredSample(KeyringEvent.written(name: "SLACK_TOKEN", secret: .sample(5))), StoredSample(KeyringEvent.deleted(name: "SLACK_TOKEN")),
    ]

    private static let workflows: [StoredSample] = [
        StoredSample(WorkflowEvent.created(.sample)), StoredSample(WorkflowEvent.updated(.sample.with(\.description, "Files issues"))),
        StoredSample(WorkflowEvent.published(version: 1, .sample, .sample("ef56"))),
        StoredSample(WorkflowEvent.archived(owner: .acme, slug: "new-issue")), StoredSample(WorkflowEvent.enabled),
        StoredSample(WorkflowEvent.disabled),
    ]

    private static let triggers: [StoredSample] = [
        StoredSample(TriggerEvent.created(.sample)),
        StoredSample(
            TriggerEvent.updated(.specification(scheme: "none", secret: nil, routes: [TriggerRoute(workflow: .sample(3), filter: nil)]))),
        StoredSample(TriggerEvent.updated(.specification(subject: "/customer/email")), shape: "with-subject"),
        StoredSample(TriggerEvent.verificationWaived), StoredSample(TriggerEvent.enabled), StoredSample(TriggerEvent.disabled),
        StoredSample(TriggerEvent.deleted),
    ]

    private static let connections: [StoredSample] = [
        StoredSample(ConnectionEvent.created(.sample, secret: .sample(5))),
        StoredSample(ConnectionEvent.created(.profile(auth: .none, hosts: []), secret: nil), shape: "without-secret"),
        StoredSample(ConnectionEvent.credentialsRotated(.basic, secret: .sample(6))),
        StoredSample(ConnectionEvent.deleted(tenant: .customer, name: "crm")),
    ]

    private static let receivedEvents: [StoredSample] = [
        StoredSample(ReceivedEventEvent.received(.webhook)), StoredSample(ReceivedEventEvent.received(.called), shape: "called"),
        StoredSample(ReceivedEventEvent.received(.ofSubject), shape: "of-subject"),
        StoredSample(ReceivedEventEvent.routed(.sample, [TakenRoute(workflow: .sample(3), run: .sample(8))])),
    ]

    private static let erasures: [StoredSample] = [
        StoredSample(ErasureEvent.requested(.sample)), StoredSample(ErasureEvent.requested(.ofTenant), shape: "of-tenant"),
        StoredSample(ErasureEvent.completed(subject: .sample(10), destroyedAt: .morning)),
    ]

    private static let runs: [StoredSample] = [
        StoredSample(RunEvent.requested(.sample)), StoredSample(RunEvent.requested(.request(dataKey: .sample(11))), shape: "of-subject"),
        StoredSample(RunEvent.began), StoredSample(RunEvent.callScheduled(.connector)),
        StoredSample(RunEvent.callCompleted(.sample(0), .value)), StoredSample(RunEvent.callCompleted(.connector, .error), shape: "error"),
        StoredSample(
            RunEvent.callCompleted(
                RunCall(index: 2, operation: "secrets.get", input: "{\"name\":\"SLACK_TOKEN\"}"), .sample(.secret(name: "SLACK_TOKEN", .sample(5)))),
            shape: "secret"),
        StoredSample(RunEvent.logged([LogLine(level: "info", text: "hello", at: .morning)])), StoredSample(RunEvent.waits),
        StoredSample(RunEvent.cancelRequested), StoredSample(RunEvent.completed(output: Array("{\"ok\":true}".utf8))),
        StoredSample(RunEvent.failed(.sample)), StoredSample(RunEvent.timedOut(.brief)), StoredSample(RunEvent.cancelled),
        StoredSample(RunEvent.parked(.brief)),
    ]
}
