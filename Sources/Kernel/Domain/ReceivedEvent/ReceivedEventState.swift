import Vocabulary

/// An event from outside: absent, received and waiting for its routes, or routed.
package enum ReceivedEventState: Hashable, Sendable, Codable {
    case absent
    case received(ReceivedEvent)
    case routed(ReceivedEvent, NormalizedEvent, [TakenRoute])

    /// The event as it came, in whatever state.
    package var event: ReceivedEvent? {
        switch self {
        case .absent: nil
        case .received(let event), .routed(let event, _, _): event
        }
    }
}
