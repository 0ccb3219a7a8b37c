package import Vocabulary

extension TriggerDecider {
    package typealias Subject = (specification: TriggerSpecification, isEnabled: Bool)

    package static func subject(of state: TriggerState) -> Subject? {
        if case .present(let specification, let isEnabled) = state { (specification, isEnabled) } else { nil }
    }

    /// The secret is shown by the id of its encrypted record, so that a new one can be told from the old.
    package static let fields: [EntityField<Subject, TriggerEvent>] = [
        .text("name") { $0.specification.name }, .text("type") { _ in "webhook" }, .text("environment") { $0.specification.environment.name },
        .value("verification", { $0.specification.scheme }) { ["scheme": .string($0)] }, .id("secretId") { $0.specification.secret },
        .value("routes", { $0.specification.routes }) { .array($0.map(\.json)) }, .text("subject") { $0.specification.subject },
        .flag("enabled") { $0.isEnabled },
    ]
}
