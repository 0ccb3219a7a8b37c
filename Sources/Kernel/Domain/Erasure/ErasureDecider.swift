package import Vocabulary

/// Decides what may happen to an erasure.
package enum ErasureDecider: Decider {
    package static let category = Category("erasure")
    package static let initialState = ErasureState.absent

    package static func decide(_ command: ErasureCommand, _ state: ErasureState, now: Timestamp) throws(EntityRejection) -> [ErasureEvent] {
        switch (command, state) {
        case (.request(let request), .absent):
            try require([
                request.reason.isEmpty ? Problem("/reason", "must not be empty: the audit log shows it") : nil,
                TextRules.description(request.reason, at: "/reason"),
            ])
            return [.requested(request)]
        // What is gone cannot go twice; the first one's reason stands.
        case (.request, .requested), (.request, .completed), (.complete, .completed): return []
        case (.complete, .absent): throw .unknown(category)
        case (.complete(let destroyedAt), .requested(let request)): return [.completed(subject: request.subject, destroyedAt: destroyedAt)]
        }
    }

    package static func evolve(_ state: ErasureState, _ event: ErasureEvent) -> ErasureState {
        switch (event, state) {
        case (.requested(let request), _): .requested(request)
        case (.completed(_, let destroyedAt), .requested(let request)): .completed(request, destroyedAt: destroyedAt)
        case (.completed, .absent), (.completed, .completed): state
        }
    }

    package static func action(of command: ErasureCommand) -> String {
        switch command {
        case .request: "erasure.request"
        case .complete: "erasure.complete"
        }
    }

    package static func work(of event: ErasureEvent) -> WorkChange? {
        switch event {
        case .requested: .asks(.erase, due: nil)
        case .completed: .done
        }
    }
}
