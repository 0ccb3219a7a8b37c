package import Vocabulary

extension ReceivedEventDecider {
    package typealias Subject = (event: ReceivedEvent, normalized: NormalizedEvent?, routes: [TakenRoute]?)

    package static func subject(of state: ReceivedEventState) -> Subject? {
        switch state {
        case .absent: nil
        case .received(let event): (event, nil, nil)
        case .routed(let event, let normalized, let routes): (event, normalized, routes)
        }
    }

    /// A body that is no text is shown by its size alone.
    package static let fields: [EntityField<Subject, ReceivedEventEvent>] = [
        .choice("kind") { $0.event.kind }, .text("source") { $0.normalized?.source }, .text("type") { $0.normalized?.type },
        .text("status") { $0.normalized == nil ? "received" : "routed" }, .text("environment") { $0.event.environment.name },
        .id("triggerId") { $0.event.trigger }, .text("query") { $0.event.query }, .text("idempotencyKey") { $0.normalized?.idempotencyKey },
        .value("routes", { $0.routes }) { .array(($0 ?? []).map { ["workflowId": .id($0.workflow), "executionId": .id($0.run)] }) },
        .value("headers", { $0.event.headersJSON }) { $0 }, .integer("bodyBytes") { $0.event.body.count },
        .value("body", { $0.event.body }) { .optional(String(validating: $0, as: UTF8.self)) },
    ]
}
