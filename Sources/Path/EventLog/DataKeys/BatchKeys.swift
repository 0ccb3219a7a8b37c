import EventSourcing
import Vocabulary

/// The keys under which one batch is encrypted, looked up before it is made into bytes; nil where nothing of it needs one.
struct BatchKeys {
    /// For its events, and for state of its stream alone.
    private let own: HeldKey?
    private let tenants: HeldKey?

    init(_ batch: AppendBatch, _ keys: PostgresDataKeys) async throws(EventStoreError) {
        let tenant = batch.address.tenant
        let hasData = batch.events.contains { $0.form.stubs != nil }
        let needsTenants = batch.stateWrites.contains { $0.value != nil && batch.dataKey(of: $0) == nil }
        own = hasData || batch.dataKey != nil && !batch.stateWrites.isEmpty ? try await keys.key(batch.dataKey, of: tenant) : nil
        tenants = needsTenants ? try await keys.key(nil, of: tenant) : nil
    }

    /// For a form that stands alone.
    init(_ form: StoredForm, _ key: DataKeyID?, of tenant: TenantID, _ keys: PostgresDataKeys) async throws(EventStoreError) {
        own = form.stubs == nil ? nil : try await keys.key(key, of: tenant)
        tenants = nil
    }

    /// The bytes that are stored, and how they are laid out.
    func encode(_ form: StoredForm, _ event: EventID) throws(EventStoreError) -> (PayloadCodec, [UInt8]) {
        guard form.stubs != nil, let own else { return (form.codec, form.payload) }
        return (.sealed, try SealedPayload.seal(form, event, under: own))
    }

    /// A value of state as it is stored; nil deletes it, which is what becomes of one whose key is destroyed.
    func seal(_ write: StateWrite, of batch: AppendBatch) throws(EventStoreError) -> [UInt8]? {
        guard let value = write.value else { return nil }
        guard let key = batch.dataKey(of: write) == nil ? tenants : own else { throw EventStoreError(.invalid("state without a key")) }
        return try SealedBytes.seal(value, Self.context(of: write.scope, write.key, tenant: batch.address.tenant), under: key)
    }

    /// What a value of state is bound to.
    static func context(of scope: StateScopeID, _ key: String, tenant: TenantID) -> [UInt8] {
        Array("fastn state 1".utf8) + tenant.bytes + scope.bytes + Array(key.utf8)
    }
}
