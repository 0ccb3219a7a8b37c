import Cryptography
package import EventSourcing
import PostgresDriver
import Synchronization
package import Vocabulary

/// Keys of data in a table of the log's database, each wrapped by a key that is derived from the key file.
///
/// Made by `EventLog`; answers `.unavailable` before the key file is opened. Opened keys are remembered; the table is looked at every
/// ``lookInterval`` for those that were destroyed elsewhere.
package final class PostgresDataKeys: DataKeys {
    /// How often the table is looked at: well within the time for which keys may be used after a look.
    static let lookInterval = Duration.seconds(2)

    private let pool: PostgresPool
    private let ids: any IDSource
    private let master = Mutex<MasterKeys?>(nil)
    private let held = Mutex(HeldKeys())
    private let observers = Mutex<[@Sendable () -> Void]>([])

    init(pool: PostgresPool, ids: any IDSource) {
        self.pool = pool
        self.ids = ids
    }

    /// From here on keys can be made and opened.
    func open(_ keys: MasterKeys) { master.withLock { $0 = keys } }

    /// Calls `forget` whenever a key was destroyed, here or elsewhere: whoever remembers payloads forgets them then. It must return at once.
    package func observe(_ forget: @escaping @Sendable () -> Void) { observers.withLock { $0.append(forget) } }

    package func subject(_ value: String, of tenant: TenantID) throws(EventStoreError) -> DataSubjectID {
        try opened().subject(value, of: tenant)
    }

    package func current(_ subject: DataSubjectID?, of tenant: TenantID) async throws(EventStoreError) -> DataKeyID? {
        let key = try await key(of: HeldKeys.Owner(tenant: tenant, subject: subject))
        return key.key == nil ? nil : key.id
    }

    package func newest(_ subject: DataSubjectID?, of tenant: TenantID) async throws(EventStoreError) -> DataKey? {
        let sql = "\(Self.selection) where tenant_id = $1 and subject_id = $2 order by created_at desc limit 1"
        return try await rows(sql, [.uuid(tenant.bits), .uuid(subject.stored)]).first.map { row throws(EventStoreError) in try DataKey(row: row) }
    }

    package func destroy(_ key: DataKeyID, of tenant: TenantID) async throws(EventStoreError) -> DataKey? {
        let whose: [PostgresValue] = [.uuid(key.bits), .uuid(tenant.bits)]
        let destroyed: [DataKeyID]
        do {
            let answers = try await pool.queries([PostgresStatement(Self.destruction, whose), PostgresStatement(Self.removalOfSecrets, whose)])
            destroyed = try answers[0].map { row throws(PostgresError) in DataKeyID(bits: try row.uuid(0)) }
        } catch { throw EventStoreError(reading: error) }
        if !destroyed.isEmpty { forget(destroyed) }
        return try await rows("\(Self.selection) where key_id = $1 and tenant_id = $2", whose).first.map { row throws(EventStoreError) in
            try DataKey(row: row)
        }
    }

    private static let selection = """
        select key_id, subject_id, destroyed_at, (extract(epoch from clock_timestamp() - destroyed_at) * 1e6)::int8 from crypto_keys
        """

    /// The rows stay, so that what they encrypted is known to be erased and not lost.
    private static let destruction = """
        update crypto_keys k set wrapped_key = null, destroyed_at = clock_timestamp()
        where k.tenant_id = $2 and k.wrapped_key is not null and (k.key_id = $1 or exists (
          select from crypto_keys own where own.key_id = $1 and own.tenant_id = $2 and own.subject_id = '\(DataSubjectID.ofTenant)'))
        returning k.key_id
        """

    private static let removalOfSecrets = """
        delete from vault v where v.tenant_id = $2 and exists (
          select from crypto_keys own where own.key_id = $1 and own.tenant_id = $2 and own.subject_id = '\(DataSubjectID.ofTenant)')
        """
}

extension PostgresDataKeys {
    /// The key as it is remembered, without asking anybody; nil when it must be loaded.
    func remembered(_ id: DataKeyID) -> HeldKey? { held.withLock { $0.isFresh ? $0.key(id) : nil } }

    /// The key that data of a stream is encrypted under: the one named, else the tenant's, which is made at first use.
    func key(_ id: DataKeyID?, of tenant: TenantID) async throws(EventStoreError) -> HeldKey {
        guard let id else { return try await key(of: HeldKeys.Owner(tenant: tenant, subject: nil)) }
        if let known = remembered(id) { return known }
        try await load([id])
        guard let known = held.withLock({ $0.key(id) }), known.tenant == tenant else {
            throw EventStoreError(.invalid("data under the key \(id), which tenant \(tenant) does not have"))
        }
        return known
    }

    /// Remembers keys that something read now was encrypted under. Cost: one query. Throws `.unreadable` for a key that is not there.
    func load(_ ids: some Collection<DataKeyID>) async throws(EventStoreError) {
        try await lookIfStale()
        let sql = "select key_id, tenant_id, subject_id, wrapped_key from crypto_keys where key_id = any ($1)"
        let rows = try await rows(sql, [.uuids(ids.map(\.bits))])
        for row in rows { try keep(row) }
        guard rows.count >= Set(ids).count else {
            throw EventStoreError(.unreadable("data under a key that is not in the database; were log and keys restored from one backup?"))
        }
    }

    /// The live key of an owner, made when there is none; destroyed when the tenant was erased.
    private func key(of owner: HeldKeys.Owner) async throws(EventStoreError) -> HeldKey {
        if let known = held.withLock({ $0.isFresh ? $0.key(of: owner) : nil }), known.key != nil || known.isTenants { return known }
        try await lookIfStale()
        if let found = try await find(owner) { return found }
        try await make(owner)
        guard let made = try await find(owner) else { throw EventStoreError(.unavailable) }
        return made
    }

    /// The tenant's own key comes first: once it is destroyed no other counts.
    private func find(_ owner: HeldKeys.Owner) async throws(EventStoreError) -> HeldKey? {
        let sql = """
            select key_id, tenant_id, subject_id, wrapped_key from crypto_keys where tenant_id = $1
              and (subject_id = '\(DataSubjectID.ofTenant)' and destroyed_at is not null or subject_id = $2 and wrapped_key is not null)
            order by destroyed_at nulls last limit 1
            """
        guard let row = try await rows(sql, [.uuid(owner.tenant.bits), .uuid(owner.subject.stored)]).first else { return nil }
        let key = try keep(row)
        held.withLock { $0.keep(key, of: owner) }
        return key
    }

    private func make(_ owner: HeldKeys.Owner) async throws(EventStoreError) {
        let master = try opened()
        let id: DataKeyID = ids.next()
        let wrapped: [UInt8]
        do { wrapped = try master.wrap(RandomBytes.make(count: AESGCM.keyByteCount), id, of: owner.tenant) } catch {
            throw EventStoreError(.unavailable)
        }
        // Of several processes that make one at once the first wins.
        let sql = """
            insert into crypto_keys (key_id, tenant_id, subject_id, wrapped_key, wrapped_under) values ($1, $2, $3, $4, $5) on conflict do nothing
            """
        _ = try await rows(
            sql, [.uuid(id.bits), .uuid(owner.tenant.bits), .uuid(owner.subject.stored), .bytes(wrapped), .bytes(master.id)])
    }

    @discardableResult
    private func keep(_ row: PostgresRow) throws(EventStoreError) -> HeldKey {
        let (id, tenant) = try decoded { () throws(PostgresError) in (DataKeyID(bits: try row.uuid(0)), TenantID(bits: try row.uuid(1))) }
        let (subject, wrapped) = try decoded { () throws(PostgresError) in (DataSubjectID(bits: try row.uuid(2)), try row.optionalBytes(3)) }
        let master = try opened()
        var key: SymmetricKey?
        if let wrapped {
            do { key = try master.unwrap(wrapped, id, of: tenant) } catch {
                throw EventStoreError(.unreadable("a key of data, which the key file does not fit"))
            }
        }
        let known = HeldKey(id: id, tenant: tenant, isTenants: subject == .ofTenant, key: key)
        held.withLock { $0.keep(known) }
        return known
    }

    private func opened() throws(EventStoreError) -> MasterKeys {
        guard let keys = master.withLock({ $0 }) else { throw EventStoreError(.unavailable) }
        return keys
    }

    private func rows(_ sql: String, _ parameters: [PostgresValue]) async throws(EventStoreError) -> PostgresRows {
        do { return try await pool.query(sql, parameters) } catch { throw EventStoreError(reading: error) }
    }
}

extension PostgresDataKeys {
    /// Looks for keys that were destroyed elsewhere, until cancelled. While the database does not answer no remembered key is used.
    package func watch() async throws {
        while true {
            try await Task.sleep(for: Self.lookInterval)
            // Whoever needs a key next looks again and is told why it fails (try?).
            try? await look()
        }
    }

    private func lookIfStale() async throws(EventStoreError) {
        if !held.withLock({ $0.isFresh }) { try await look() }
    }

    private func look() async throws(EventStoreError) {
        let begun = ContinuousClock.now
        let isOutdated = held.withLock { held in
            guard held.isOutdated else { return false }
            let wasUsed = held.checkedAt != nil
            held.forgetAll()
            held.checked(at: begun)
            return wasUsed
        }
        if isOutdated { tellObservers() }
        let sql = "select key_id from crypto_keys where destroyed_at > clock_timestamp() - $1 * interval '1 us'"
        let destroyed = try await rows(sql, [.double(Double(HeldKeys.lookBack.microseconds))])
        let ids = try decoded { () throws(PostgresError) in try destroyed.map { row throws(PostgresError) in DataKeyID(bits: try row.uuid(0)) } }
        let isNews = held.withLock { held in
            held.checked(at: begun)
            return held.noteDestroyed(ids, areAll: true)
        }
        if isNews { tellObservers() }
    }

    private func forget(_ ids: [DataKeyID]) {
        _ = held.withLock { $0.noteDestroyed(ids, areAll: false) }
        tellObservers()
    }

    private func tellObservers() {
        for forget in observers.withLock({ $0 }) { forget() }
    }
}

extension DataSubjectID {
    /// Stands in the table for the tenant itself.
    fileprivate static let ofTenant = DataSubjectID(bits: 0)
}

extension DataSubjectID? {
    fileprivate var stored: UInt128 { (self ?? .ofTenant).bits }
}

extension DataKey {
    fileprivate init(row: PostgresRow) throws(EventStoreError) {
        let (id, subject) = try decoded { () throws(PostgresError) in (DataKeyID(bits: try row.uuid(0)), DataSubjectID(bits: try row.uuid(1))) }
        let (time, age) = try decoded { () throws(PostgresError) in (try row.optionalTimestamp(2), try row.optionalInt8(3)) }
        self.init(
            id: id, subject: subject == .ofTenant ? nil : subject, destroyedAt: time.map(Timestamp.init(microseconds:)),
            sinceDestroyed: age.map { .microseconds($0) })
    }
}
