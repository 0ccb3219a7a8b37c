import Vocabulary

/// What happened to an event that reached us from outside.
package enum ReceivedEventEvent: DomainEvent, Hashable {
    case received(ReceivedEvent)
    case routed(NormalizedEvent, [TakenRoute])
}
