import Vocabulary

/// Whose data the log in memory holds, without any encryption: what is erased is taken out of it.
struct InMemoryKeyring {
    struct Entry {
        let id: DataKeyID
        let tenant: TenantID
        let subject: DataSubjectID?
        var destroyedAt: Timestamp?

        func key(at now: Timestamp) -> DataKey {
            DataKey(id: id, subject: subject, destroyedAt: destroyedAt, sinceDestroyed: destroyedAt.map { now - $0 })
        }
    }

    private struct Name: Hashable {
        let tenant: TenantID
        let value: String
    }

    private struct StateName: Hashable {
        let scope: StateScopeID
        let key: String
    }

    /// In the order in which they were made.
    private var entries: [Entry] = []
    private var subjects: [Name: DataSubjectID] = [:]
    private var events: [EventID: DataKeyID] = [:]
    private var states: [StateName: (tenant: TenantID, key: DataKeyID?)] = [:]

    mutating func subject(_ value: String, of tenant: TenantID, ids: any IDSource) -> DataSubjectID {
        let name = Name(tenant: tenant, value: value)
        if let known = subjects[name] { return known }
        let id: DataSubjectID = ids.next()
        subjects[name] = id
        return id
    }

    func newest(_ subject: DataSubjectID?, of tenant: TenantID) -> Entry? { entries.last { $0.tenant == tenant && $0.subject == subject } }

    mutating func current(_ subject: DataSubjectID?, of tenant: TenantID, ids: any IDSource) -> DataKeyID? {
        if isErased(tenant) { return nil }
        if let known = newest(subject, of: tenant), known.destroyedAt == nil { return known.id }
        let entry = Entry(id: ids.next(), tenant: tenant, subject: subject)
        entries.append(entry)
        return entry.id
    }

    /// Nil when the tenant has no such key.
    mutating func destroy(_ key: DataKeyID, of tenant: TenantID, at now: Timestamp) -> Entry? {
        guard let found = entries.first(where: { $0.id == key && $0.tenant == tenant }) else { return nil }
        for index in entries.indices where entries[index].tenant == tenant && (found.subject == nil || entries[index].id == key) {
            entries[index].destroyedAt = entries[index].destroyedAt ?? now
        }
        return entries.first { $0.id == key }
    }

    /// Whether what is stored under a key, nil for the tenant's, is gone.
    func isDestroyed(_ key: DataKeyID?, of tenant: TenantID) -> Bool {
        isErased(tenant) || entries.contains { $0.id == key && $0.destroyedAt != nil }
    }

    private func isErased(_ tenant: TenantID) -> Bool {
        entries.contains { $0.tenant == tenant && $0.subject == nil && $0.destroyedAt != nil }
    }

    /// Remembers under which key a batch's events are stored.
    mutating func note(_ batch: AppendBatch) {
        guard let key = batch.dataKey else { return }
        for event in batch.events { events[event.id] = key }
    }

    /// Remembers under which key a value is stored, and answers it: the batch's for what belongs to its stream alone, else the tenant's.
    mutating func note(_ write: StateWrite, of batch: AppendBatch) -> DataKeyID? {
        let key = batch.dataKey(of: write)
        states[StateName(scope: write.scope, key: write.key)] = (batch.address.tenant, key)
        return key
    }

    func owner(of event: EventID) -> DataKeyID? { events[event] }
    func owner(ofState scope: StateScopeID, _ key: String) -> (tenant: TenantID, key: DataKeyID?)? { states[StateName(scope: scope, key: key)] }
}
