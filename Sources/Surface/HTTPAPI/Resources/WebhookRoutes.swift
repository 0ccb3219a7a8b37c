import Ingress
import Vocabulary

/// The door for webhooks. No key is asked for: what proves the sender is the signature.
enum WebhookRoutes {
    static let all = [
        Route(
            "POST", "/api/v1/clients/{space_id}/webhooks/{webhook_id}", "receiveWebhook", nil, "Deliver a webhook", output: "WebhookReceipt",
            handler: receive)
    ]

    @Sendable private static func receive(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        guard let space = SpaceID(request.parameter("space_id")), let trigger = TriggerID(request.parameter("webhook_id")) else { throw refused }
        let delivery = InboundWebhook(
            space: space, trigger: trigger, headers: request.head.headers.fields, body: request.body, query: request.head.query,
            remote: request.head.remote)
        switch await services.ingress.receive(delivery) {
        case .accepted(let event): return .json(["eventId": .id(event)], status: 202)
        case .duplicate(let event): return .json(["eventId": .id(event), "duplicate": true], status: 202)
        case .refused: throw refused
        case .tooLarge: throw APIError.tooLarge
        case .tooDeep: throw APIError.invalid("", "must not be nested more than \(Limits.jsonDepth) levels deep")
        case .unavailable(let wait): throw APIError.unavailable("the delivery could not be stored; send it again", retryAfter: wait)
        }
    }

    /// The same words for every reason, so that webhook ids cannot be probed.
    private static let refused = APIError(.unauthorized, "The webhook does not exist, or the delivery's signature is not valid.")
}
