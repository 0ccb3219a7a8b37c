package import Vocabulary

/// Decides what may happen to an event from outside.
package enum ReceivedEventDecider: Decider {
    package static let category = Category("event")
    package static let initialState = ReceivedEventState.absent

    package static func decide(
        _ command: ReceivedEventCommand, _ state: ReceivedEventState, now: Timestamp
    ) throws(EntityRejection) -> [ReceivedEventEvent] {
        switch (command, state) {
        case (.receive(let event), .absent): return [.received(event)]
        case (.receive, .received), (.receive, .routed): throw .exists(category)
        case (.route, .absent): throw .unknown(category)
        case (.route(let normalized, let routes), .received): return [.routed(normalized, routes)]
        // Two workers may have had the same job; the first one's answer stands.
        case (.route, .routed): return []
        }
    }

    package static func evolve(_ state: ReceivedEventState, _ event: ReceivedEventEvent) -> ReceivedEventState {
        switch (event, state) {
        case (.received(let received), _): .received(received)
        case (.routed(let normalized, let routes), .received(let received)): .routed(received, normalized, routes)
        case (.routed, .absent), (.routed, .routed): state
        }
    }

    package static func dataKey(of state: ReceivedEventState) -> DataKeyID? { state.event?.dataKey }

    package static func action(of command: ReceivedEventCommand) -> String {
        switch command {
        case .receive: "event.receive"
        case .route: "event.route"
        }
    }

    /// A called workflow was named by its caller, so only what came through a trigger is matched with routes.
    package static func work(of event: ReceivedEventEvent) -> WorkChange? {
        switch event {
        case .received(let received): received.trigger == nil ? nil : .asks(.route, due: nil)
        case .routed: .done
        }
    }
}
