package import Vocabulary

/// What may be asked of the erasure of one key's data.
package enum ErasureCommand: Sendable {
    case request(ErasureRequest)
    /// Records that the key is destroyed and that nothing remembers it any more.
    case complete(destroyedAt: Timestamp)
}

/// Whose data shall be gone, and why.
package struct ErasureRequest: Hashable, Sendable, Codable {
    /// A keyed hash of what names the person; nil for the tenant with everybody in it.
    package let subject: DataSubjectID?
    /// For the audit log; it must not name the person.
    package let reason: String

    package init(subject: DataSubjectID?, reason: String) {
        self.subject = subject
        self.reason = reason
    }
}
