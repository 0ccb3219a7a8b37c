package import Vocabulary

extension ErasureDecider {
    package typealias Subject = (request: ErasureRequest, destroyedAt: Timestamp?)

    package static func subject(of state: ErasureState) -> Subject? {
        switch state {
        case .absent: nil
        case .requested(let request): (request, nil)
        case .completed(let request, let destroyedAt): (request, destroyedAt)
        }
    }

    package static let fields: [EntityField<Subject, ErasureEvent>] = [
        .text("scope") { $0.request.subject == nil ? "tenant" : "subject" }, .id("subjectId") { $0.request.subject },
        .text("reason") { $0.request.reason }, .text("status") { $0.destroyedAt == nil ? "requested" : "completed" },
        .time("destroyedAt") { $0.destroyedAt },
    ]
}
