import Cryptography
import Domain
import Vocabulary

/// Says what an event is in our terms, whoever sent it.
enum Normalizer {
    /// The headers in which senders name a delivery.
    private static let identityHeaders = [
        "x-github-delivery", "x-shopify-webhook-id", "x-shopify-event-id", "webhook-id", "svix-id", "x-fastn-delivery", "idempotency-key",
    ]

    static func normalize(_ event: ReceivedEvent, _ facts: EventFacts) -> NormalizedEvent {
        let (source, type) = origin(of: facts)
        return NormalizedEvent(source: source, type: type, idempotencyKey: idempotencyKey(of: event, facts))
    }

    /// Source: GitHub Docs, "Webhook events and payloads"; Shopify developer documentation, "Webhooks"; Standard Webhooks specification 1.0.0.
    private static func origin(of facts: EventFacts) -> (source: String, type: String?) {
        if let event = facts.header("x-github-event") { return ("github", facts.body["action"]?.string.map { "\(event).\($0)" } ?? event) }
        if let topic = facts.header("x-shopify-topic") { return ("shopify", topic) }
        return ("webhook", facts.header("webhook-type") ?? facts.body["type"]?.string)
    }

    /// Equal for equal deliveries of one trigger: made of the sender's name for the delivery, else of the body.
    private static func idempotencyKey(of event: ReceivedEvent, _ facts: EventFacts) -> String {
        let scope = (event.trigger.map { "\($0)" } ?? "\(event.space)") + "\n"
        for name in identityHeaders {
            if let identity = facts.header(name) { return SHA256.hash("\(scope)\(name)\n\(identity)").hex }
        }
        return SHA256.hash(Array("\(scope)body\n".utf8) + event.body).hex
    }
}
