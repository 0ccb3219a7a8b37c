package import Vocabulary

/// A delivery as it came in, before anything of it is believed.
package struct InboundWebhook: Sendable {
    /// The space that the URL names.
    package let space: SpaceID
    /// The webhook id that the URL names, which is its trigger's.
    package let trigger: TriggerID
    /// In the order received, repeated names included.
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]
    /// The query of the URL, without `?`.
    package let query: String?
    /// The peer's address, for the audit log of refusals.
    package let remote: String?

    package init(
        space: SpaceID, trigger: TriggerID, headers: [(name: String, value: String)], body: [UInt8], query: String? = nil, remote: String?
    ) {
        self.space = space
        self.trigger = trigger
        self.headers = headers
        self.body = body
        self.query = query
        self.remote = remote
    }
}

/// What became of a delivery; each has one HTTP answer.
package enum WebhookOutcome: Hashable, Sendable {
    /// 202: committed, under this id.
    case accepted(EventID)
    /// 202: it came before, under this id.
    case duplicate(of: EventID)
    /// 401, the same for an unknown webhook, a disabled one and a bad signature.
    case refused
    /// 413: body or headers.
    case tooLarge
    /// 400: nested beyond `Limits.jsonDepth`.
    case tooDeep
    /// 503 with `Retry-After`: not known to be stored, the sender should repeat it.
    case unavailable(retryAfter: Duration)
}
