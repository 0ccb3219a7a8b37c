package import Vocabulary

/// What may be asked of an event that reached us from outside.
package enum ReceivedEventCommand: Sendable {
    case receive(ReceivedEvent)
    /// Records which routes it took; the run of each was asked for before.
    case route(NormalizedEvent, [TakenRoute])
}

/// How an event came to us.
package enum EventKind: String, Sendable, CaseIterable, Codable {
    case webhook
    case scheduled
    case manual
}

/// An event as it came.
package struct ReceivedEvent: Hashable, Sendable {
    package let kind: EventKind
    package let space: SpaceID
    /// The trigger it came through; nil for a workflow called by name.
    package let trigger: TriggerID?
    package let environment: EnvironmentName
    /// Header names in lower case, without those that carry credentials.
    package let headers: [(name: String, value: String)]
    /// The query of the URL, without `?`; nil when there was none.
    package let query: String?
    package let body: [UInt8]
    /// The key under which it is encrypted; nil is the tenant's.
    package let dataKey: DataKeyID?
    /// Whether what it held is gone, since that key is destroyed.
    package let isErased: Bool

    package init(
        kind: EventKind, space: SpaceID, trigger: TriggerID?, environment: EnvironmentName, headers: [(name: String, value: String)], query: String?,
        body: [UInt8], dataKey: DataKeyID? = nil, isErased: Bool = false
    ) {
        self.kind = kind
        self.space = space
        self.trigger = trigger
        self.environment = environment
        self.headers = headers
        self.query = query
        self.body = body
        self.dataKey = dataKey
        self.isErased = isErased
    }

    package var headersJSON: JSONValue { .object(JSONObject(headers.map { (name: $0.name, value: .string($0.value)) })) }

    package static func == (left: ReceivedEvent, right: ReceivedEvent) -> Bool {
        left.kind == right.kind && left.space == right.space && left.trigger == right.trigger && left.environment == right.environment
            && left.headersJSON == right.headersJSON && left.query == right.query && left.body == right.body
            && left.dataKey == right.dataKey && left.isErased == right.isErased
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(body) }
}

/// What an event is in our terms, whoever sent it.
package struct NormalizedEvent: Hashable, Sendable, Codable {
    /// Who sent it, as far as its headers tell: `github`, `shopify`, or `webhook`.
    package let source: String
    /// What it is at its source: `issues.opened`, `orders/create`; nil when it does not say.
    package let type: String?
    /// Hexadecimal SHA-256 that is equal for equal deliveries of one trigger.
    package let idempotencyKey: String

    package init(source: String, type: String?, idempotencyKey: String) {
        self.source = source
        self.type = type
        self.idempotencyKey = idempotencyKey
    }
}

/// A route that an event took.
package struct TakenRoute: Hashable, Sendable, Codable {
    package let workflow: WorkflowID
    package let run: RunID

    package init(workflow: WorkflowID, run: RunID) {
        self.workflow = workflow
        self.run = run
    }
}
