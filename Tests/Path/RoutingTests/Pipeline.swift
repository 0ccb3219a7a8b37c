import Cryptography
import Domain
import EventSourcing
import Foundation
import Ingress
import Logging
import PipelineTestKit
import Relay
import Routing
import Synchronization
import Vocabulary

let quiet = Logger(label: "routing-tests") { _ in SwiftLogNoOpLogHandler() }

/// A payload of `Tests/Fixtures`, as bytes.
func fixture(_ path: String) throws -> [UInt8] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fixtures").standardized
    return Array(try Data(contentsOf: folder.appending(path: path)))
}

/// Everything from a webhook to its runs, over a log in memory that outlives the rest.
struct Pipeline: Sendable {
    static let secret = "It's a Secret to Everybody"

    let ids = ClosureIDSource.real
    let catalog = TestCatalog()
    let store: ObservedStore
    let inbox: InMemoryInbox
    let vault: InMemoryVault
    let runs: EntityDirectory<RunDecider>
    let runHandler = HoldingHandler()
    let tenant = TenantID(bits: 7)
    let space = SpaceID(bits: 8)
    let trigger = TriggerID(bits: 9)

    init() {
        store = ObservedStore(InMemoryEventStore(clock: ids))
        inbox = InMemoryInbox(store: store, clock: ids)
        vault = InMemoryVault(ids: ids)
        runs = EntityDirectory(store: store, ids: ids, trail: nil)
    }

    func putTrigger(routes: [TriggerRoute], scheme: String = "github") async throws {
        let secret = try await vault.seal(Array(Self.secret.utf8), tenant: tenant, name: TriggerSecrets.name(of: trigger))
        let specification = TriggerSpecification(
            space: space, name: "deliveries", environment: .production, scheme: scheme, secret: secret, routes: routes)
        catalog.put(CatalogTrigger(id: trigger, tenant: tenant, specification: specification, isEnabled: true))
    }

    /// One process's worth of the stages: nothing in it is known to the next.
    struct Process: Sendable {
        let receiver: WebhookReceiver
        let services: [@Sendable () async -> Void]
    }

    func process(bus: any EventBus = InMemoryEventBus(), recent: RecentEvents = RecentEvents()) -> Process {
        var intakeConfiguration = Intake.Configuration()
        intakeConfiguration.sweepInterval = .milliseconds(10)
        intakeConfiguration.sweepAge = .zero
        var dispatching = DispatcherConfiguration()
        dispatching.sweepInterval = .milliseconds(10)
        dispatching.republishAfter = .milliseconds(50)
        let intake = Intake(store: store, inbox: inbox, recent: recent, configuration: intakeConfiguration, logger: quiet)
        let dispatcher = Dispatcher(queue: store, bus: bus, clock: ids, configuration: dispatching, logger: quiet)
        let router = Router(store: store, runs: runs, catalog: catalog, recent: recent, ids: ids)
        let workers = LaneWorkers(
            bus: bus, queue: store, dispatcher: dispatcher, handlers: [.route: router, .run: runHandler], clock: ids, logger: quiet)
        store.observe([dispatcher])
        let receiver = WebhookReceiver(
            catalog: catalog, inbox: inbox, intake: intake, vault: vault, keys: store, trail: RefusalTrail(store: store, ids: ids), ids: ids,
            logger: quiet)
        return Process(receiver: receiver, services: [{ await intake.run() }, { await dispatcher.run() }, { await workers.run() }])
    }

    /// A delivery signed as GitHub signs.
    func delivery(_ body: [UInt8], id: String, event: String = "issues") -> InboundWebhook {
        let signature = Hex.encode(HMACSHA256.code(of: body, key: SymmetricKey(Self.secret)))
        return InboundWebhook(
            space: space, trigger: trigger,
            headers: [
                (name: "X-Hub-Signature-256", value: "sha256=\(signature)"), (name: "X-GitHub-Event", value: event),
                (name: "X-GitHub-Delivery", value: id),
            ], body: body, remote: nil)
    }

    func events(ofType type: String) async throws -> [RecordedEvent] {
        try await store.read(Slice(of: tenant), after: 0, limit: 100_000).filter { $0.form.type == type }
    }

    /// Waits until so many events are routed.
    func routed(_ count: Int) async throws -> Bool {
        try await eventually {
            let routed = try await events(ofType: "event.routed")
            return routed.count >= count
        }
    }
}

/// Stands in for the execution of runs: it takes them up and never ends them, as a run of hours would.
final class HoldingHandler: WorkHandler {
    func perform(_ job: Job) async throws {
        // Nobody raises it: the wait ends when the process of the test does.
        await Signal().wait()
        throw CancellationError()
    }
}
