package import Vocabulary

/// The keys under which tenants' and data subjects' payloads are encrypted; whose key is destroyed, his data is gone wherever it was stored.
///
/// Two implementations pass one conformance suite: Postgres, and the twin in memory. Another process sees a destroyed key after some seconds.
package protocol DataKeys: Sendable {
    /// Names a data subject of a tenant by a keyed hash of `value`, such as an email address.
    func subject(_ value: String, of tenant: TenantID) throws(EventStoreError) -> DataSubjectID

    /// The key for what comes in now, made at first use: a subject's, or the tenant's when it is nil. A subject that was erased gets a new
    /// key, so that he may come back; a tenant that was erased has none, nor have its subjects: nil.
    func current(_ subject: DataSubjectID?, of tenant: TenantID) async throws(EventStoreError) -> DataKeyID?

    /// The key that was made last for a subject, or for the tenant itself; nil when there never was one.
    func newest(_ subject: DataSubjectID?, of tenant: TenantID) async throws(EventStoreError) -> DataKey?

    /// Destroys a key, of a tenant's own key all keys of the tenant and its secrets; answers when it is destroyed for good, also by an
    /// earlier call. What this process remembers of payloads is dropped. Nil when the tenant has no such key.
    func destroy(_ key: DataKeyID, of tenant: TenantID) async throws(EventStoreError) -> DataKey?
}

/// What is known of a key; never its bytes.
package struct DataKey: Hashable, Sendable {
    package let id: DataKeyID
    /// Whose data it encrypts; nil for what is the tenant's own.
    package let subject: DataSubjectID?
    /// By the database's clock; nil while it lives.
    package let destroyedAt: Timestamp?
    /// How long it has been destroyed; nil while it lives.
    package let sinceDestroyed: Duration?

    package init(id: DataKeyID, subject: DataSubjectID?, destroyedAt: Timestamp?, sinceDestroyed: Duration?) {
        self.id = id
        self.subject = subject
        self.destroyedAt = destroyedAt
        self.sinceDestroyed = sinceDestroyed
    }
}
