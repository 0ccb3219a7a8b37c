import Cryptography
import Domain
import EventSourcing
import Logging
import PipelineTestKit
import Vocabulary

@testable import Ingress

let quiet = Logger(label: "ingress-tests") { _ in SwiftLogNoOpLogHandler() }

/// Ingress over a log in memory, with one GitHub trigger.
struct IngressFixture: Sendable {
    static let secret = "It's a Secret to Everybody"

    let ids = TestIDs()
    let catalog = TestCatalog()
    let vault: TestVault
    let store: ObservedStore
    let inbox: InMemoryInbox
    let recent = RecentEvents()
    let intake: Intake
    let receiver: WebhookReceiver
    let tenant = TenantID(bits: 7)
    let space = SpaceID(bits: 8)
    let trigger = TriggerID(bits: 9)

    init(scheme: String = "github", configuration: Intake.Configuration = .init()) async throws {
        vault = TestVault(ids: ids)
        store = ObservedStore(InMemoryEventStore(clock: ids))
        inbox = InMemoryInbox(store: store, clock: ids)
        intake = Intake(store: store, inbox: inbox, recent: recent, configuration: configuration, logger: quiet)
        receiver = WebhookReceiver(
            catalog: catalog, inbox: inbox, intake: intake, vault: vault, keys: store, trail: RefusalTrail(store: store, ids: ids), ids: ids,
            logger: quiet)
        try await putTrigger(scheme: scheme)
    }

    func putTrigger(scheme: String = "github", secret: String = Self.secret, isEnabled: Bool = true, subject: String? = nil) async throws {
        let sealed = try await vault.seal(Array(secret.utf8), tenant: tenant, name: TriggerSecrets.name(of: trigger))
        let specification = TriggerSpecification(
            space: space, name: "deliveries", environment: .production, scheme: scheme, secret: scheme == "none" ? nil : sealed, routes: [],
            subject: subject)
        catalog.put(CatalogTrigger(id: trigger, tenant: tenant, specification: specification, isEnabled: isEnabled))
    }

    /// A delivery signed as GitHub signs.
    func delivery(
        _ body: [UInt8], id: String? = "delivery-1", secret: String = Self.secret, headers: [(name: String, value: String)] = []
    ) -> InboundWebhook {
        let signature = Hex.encode(HMACSHA256.code(of: body, key: SymmetricKey(secret)))
        var all = headers + [(name: "X-Hub-Signature-256", value: "sha256=\(signature)"), (name: "X-GitHub-Event", value: "issues")]
        if let id { all.append((name: "X-GitHub-Delivery", value: id)) }
        return InboundWebhook(space: space, trigger: trigger, headers: all, body: body, query: "a=1", remote: "192.0.2.1")
    }

    /// Waits until every delivery is an event and the slice holds `count` of them.
    func eventsAppear(_ count: Int) async throws -> Bool {
        try await eventually {
            let pending = try await inbox.pending(olderThan: .zero, limit: 1)
            let events = try await events()
            return pending.isEmpty && events.count == count
        }
    }

    /// Everything that the tenant's slice holds.
    func events() async throws -> [RecordedEvent] { try await store.read(Slice(of: tenant), after: 0, limit: 10_000) }
}

extension [UInt8] {
    init(_ text: String) { self = Array(text.utf8) }
}
