import Vocabulary

/// What happened to a trigger.
package enum TriggerEvent: DomainEvent, Hashable {
    case created(TriggerSpecification)
    case updated(TriggerSpecification)
    /// Somebody asked that deliveries be taken without a signature.
    case verificationWaived
    case enabled
    case disabled
    case deleted
}
