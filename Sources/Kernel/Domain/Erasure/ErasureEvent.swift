package import Vocabulary

/// What happened on the way to data that is gone.
package enum ErasureEvent: DomainEvent, Hashable {
    case requested(ErasureRequest)
    /// The key is destroyed, and no process remembers it or what it opened.
    case completed(subject: DataSubjectID?, destroyedAt: Timestamp)
}
