package import Domain
package import EventSourcing
package import Logging
import Vocabulary

/// Takes webhook deliveries: caps them, proves them, and answers when they are committed.
package struct WebhookReceiver: Sendable {
    /// What a sender is asked to wait when we cannot store: longer than a restart of the database takes.
    private static let retryAfter = Duration.seconds(5)

    private let catalog: any Catalog
    private let inbox: any Inbox
    private let intake: Intake
    private let secrets: TriggerSecrets
    private let keys: any DataKeys
    private let trail: RefusalTrail
    private let throttle = RefusalThrottle()
    private let ids: any IDSource
    private let logger: Logger

    /// `intake` gets every accepted delivery in memory, which saves it from waiting for the sweep.
    package init(
        catalog: any Catalog, inbox: any Inbox, intake: Intake, vault: any SecretVault, keys: any DataKeys, trail: RefusalTrail, ids: any IDSource,
        logger: Logger
    ) {
        self.catalog = catalog
        self.inbox = inbox
        self.intake = intake
        secrets = TriggerSecrets(vault: vault, clock: ids)
        self.keys = keys
        self.trail = trail
        self.ids = ids
        self.logger = logger
    }

    /// Handles one delivery; the body is looked at as bytes and never decoded.
    package func receive(_ webhook: InboundWebhook) async -> WebhookOutcome {
        guard webhook.body.count <= Limits.bodyBytes, !HeaderFields.exceedLimits(webhook.headers) else { return .tooLarge }
        do {
            guard let trigger = try await catalog.trigger(webhook.trigger), trigger.specification.space == webhook.space else { return .refused }
            switch try await verify(webhook, for: trigger) {
            case .refused(let reason): return await refuse(webhook, trigger, reason)
            case .genuine(let delivery):
                if Self.isJSON(webhook.body), jsonNestingExceeds(Limits.jsonDepth, in: webhook.body) { return .tooDeep }
                return try await accept(webhook, for: trigger, dedupKey: delivery.deduplicationKey)
            }
        } catch {
            logger.warning("delivery not stored", metadata: ["error": "\(error)", "trigger": "\(webhook.trigger)"])
            return .unavailable(retryAfter: Self.retryAfter)
        }
    }
}

/// Whether a delivery is proven, with the words that the audit log shows.
private enum Proof {
    case genuine(VerifiedDelivery)
    case refused(String)
}

extension WebhookReceiver {
    private func verify(_ webhook: InboundWebhook, for trigger: CatalogTrigger) async throws -> Proof {
        guard trigger.isEnabled else { return .refused("trigger-disabled") }
        guard try await keys.current(nil, of: trigger.tenant) != nil else { return .refused("tenant-erased") }
        let specification = trigger.specification
        guard let scheme = VerificationScheme(rawValue: specification.scheme) else { return .refused("unknown-scheme") }
        var valid: [WebhookSecret] = []
        if let id = specification.secret { valid = try await secrets.secrets(id, of: trigger.id, tenant: trigger.tenant) }
        let request = WebhookRequest(headers: webhook.headers, body: webhook.body)
        switch Verification.verify(request, scheme: scheme, secrets: valid, nowUnixSeconds: ids.now().seconds) {
        case .genuine(let delivery): return .genuine(delivery)
        case .refused(let refusal): return .refused(refusal.rawValue)
        }
    }

    private func accept(_ webhook: InboundWebhook, for trigger: CatalogTrigger, dedupKey: String?) async throws -> WebhookOutcome {
        let id: EventID = ids.next()
        let event = ReceivedEvent(
            kind: .webhook, space: webhook.space, trigger: trigger.id, environment: trigger.specification.environment,
            headers: HeaderFields.sanitized(webhook.headers), query: webhook.query, body: webhook.body,
            dataKey: try await dataKey(of: webhook.body, for: trigger))
        let envelope = CommandEnvelope(
            commandID: ids.next(), principal: .system("ingress"), correlation: id.recast(), lane: .p2, environment: event.environment)
        let delivery = InboxDelivery(
            tenant: trigger.tenant, dedupKey: Self.key(dedupKey, of: id, trigger: trigger.id), event: id,
            form: ReceivedEventEvent.received(event).stored, meta: EventMeta(envelope), dataKey: event.dataKey)
        switch try await inbox.accept(delivery) {
        case .accepted:
            intake.handOver(delivery)
            return .accepted(id)
        case .duplicate(let first): return .duplicate(of: first)
        }
    }

    /// The key of the person whom the body tells of, where the trigger says so; nil, the tenant's, for a body that does not name him.
    private func dataKey(of body: [UInt8], for trigger: CatalogTrigger) async throws -> DataKeyID? {
        // A body that is not JSON (try?) names nobody.
        guard let pointer = trigger.specification.subject, let document = try? JSONValue(parsing: body) else { return nil }
        let name: String
        switch JSONPointer.value(at: pointer, in: document) {
        case .string(let text)?: name = text
        case .number(let number)?: name = number.text
        case .null?, .bool?, .array?, .object?, nil: return nil
        }
        return try await keys.current(try keys.subject(name, of: trigger.tenant), of: trigger.tenant)
    }

    /// Namespaced by trigger, since one tenant's senders know nothing of each other; without a key every delivery is new.
    private static func key(_ key: String?, of event: EventID, trigger: TriggerID) -> String {
        "webhook:\(trigger):\(key ?? "event:\(event)")"
    }

    /// Only documents can be nested; what is no JSON is kept as it is, whatever brackets it holds.
    private static func isJSON(_ body: [UInt8]) -> Bool {
        let first = body.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0a && $0 != 0x0d }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    }

    /// Notes a refusal in the audit log, unless there were many of late; the sender learns nothing of the reason.
    private func refuse(_ webhook: InboundWebhook, _ trigger: CatalogTrigger, _ reason: String) async -> WebhookOutcome {
        guard throttle.admits(trigger.id, at: ids.now()) else { return .refused }
        let envelope = CommandEnvelope(
            commandID: ids.next(), principal: .system("ingress"), correlation: ids.next(), lane: .p2, environment: trigger.specification.environment)
        let resource = StreamAddress(tenant: trigger.tenant, stream: trigger.id.recast(), category: TriggerDecider.category)
        do throws(EventStoreError) {
            try await trail.record(
                .denied, action: "webhook.receive", resource: resource, reason: webhook.remote.map { "\(reason), from \($0)" } ?? reason, envelope)
        } catch {
            logger.warning("refusal not recorded", metadata: ["error": "\(error)", "trigger": "\(trigger.id)"])
        }
        return .refused
    }
}
