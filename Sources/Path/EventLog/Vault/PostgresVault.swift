import Cryptography
package import EventSourcing
import PostgresDriver
import Synchronization
package import Vocabulary

/// Secrets in Postgres, encrypted with AES-256-GCM under a key that never gets there, and bound to tenant and name.
///
/// Made by `EventLog`; answers `.unavailable` before `EventLog.prepare()` has read the key.
package final class PostgresVault: SecretVault {
    private struct OpenedKey {
        let key: SymmetricKey
        let id: [UInt8]
    }

    private let pool: PostgresPool
    private let ids: any IDSource
    private let opened = Mutex<OpenedKey?>(nil)

    init(pool: PostgresPool, ids: any IDSource) {
        self.pool = pool
        self.ids = ids
    }

    package func seal(_ value: [UInt8], tenant: TenantID, name: String) async throws(VaultError) -> SecretID {
        let opened = try openedKey()
        let id: SecretID = ids.next()
        let sealed: [UInt8]
        do { sealed = try AESGCM.seal(value, key: opened.key, associatedData: Self.associatedData(tenant, name)) } catch { throw .unavailable }
        let sql = "insert into vault (secret_id, tenant_id, name, sealed, key_id) values ($1, $2, $3, $4, $5)"
        _ = try await query(sql, [.uuid(id.bits), .uuid(tenant.bits), .text(name), .bytes(sealed), .bytes(opened.id)])
        return id
    }

    package func open(_ id: SecretID, tenant: TenantID, name: String) async throws(VaultError) -> [UInt8] {
        let opened = try openedKey()
        let sql = "select sealed from vault where secret_id = $1 and tenant_id = $2 and name = $3"
        guard let row = try await query(sql, [.uuid(id.bits), .uuid(tenant.bits), .text(name)]).first else { throw .missing }
        let sealed: [UInt8]
        do { sealed = try row.bytes(0) } catch { throw .unavailable }
        do { return try AESGCM.open(sealed, key: opened.key, associatedData: Self.associatedData(tenant, name)) } catch { throw .undecipherable }
    }

    /// What was encrypted under which key file: every secret, and every key of data that is not destroyed.
    private static let storedKeys = "select key_id from vault union select wrapped_under from crypto_keys where wrapped_key is not null"

    /// Reads the key file, or makes one for a new installation; throws `VaultKeyError`. Answers what is derived from it. Blocks.
    ///
    /// The node that comes first decides which key it is, so that none starts with another one before there is a secret to tell by.
    func openKey(
        _ file: VaultKeyFile, as member: Membership, _ connection: BlockingPostgresConnection
    ) throws -> (MasterKeys, InstallationRecord) {
        let stored = try connection.execute(Self.storedKeys).map { row throws(PostgresError) in try row.bytes(0) }
        let isNew = try stored.isEmpty && InstallationRecord.read(connection) == nil
        guard let key = try file.read() ?? (isNew ? file.create() : nil) else { throw VaultKeyError.missing(path: file.path) }
        let id = Self.identifier(of: key)
        _ = try connection.execute(
            """
            insert into installation (id, region, first_node, key_id) values (coalesce($1, gen_random_uuid()), $2, $3, $4) on conflict do nothing
            """,
            [.optional(member.installation?.bits, PostgresValue.uuid), .text(member.region.name), .uuid(member.node.bits), .bytes(id)])
        let installation = try InstallationRecord.read(connection)
        try RegionError.check(installation, member)
        guard let installation, installation.key == id, stored.allSatisfy({ $0 == id }) else { throw VaultKeyError.wrong(path: file.path) }
        opened.withLock { $0 = OpenedKey(key: key, id: id) }
        return (MasterKeys(key, id: id), installation)
    }

    /// What is derived from the key file; nil when there is none. Blocks.
    func openExistingKey(_ file: VaultKeyFile) throws(VaultKeyError) -> MasterKeys? {
        try file.read().map { MasterKeys($0, id: Self.identifier(of: $0)) }
    }

    /// Tells keys apart and gives nothing of them away.
    private static func identifier(of key: SymmetricKey) -> [UInt8] {
        let byteCount = 8
        return Array(HMACSHA256.code(of: "fastn vault key", key: key).prefix(byteCount))
    }

    private static func associatedData(_ tenant: TenantID, _ name: String) -> [UInt8] {
        stride(from: 120, through: 0, by: -8).map { UInt8(truncatingIfNeeded: tenant.bits >> UInt128($0)) } + Array(name.utf8)
    }

    private func openedKey() throws(VaultError) -> OpenedKey {
        guard let opened = opened.withLock({ $0 }) else { throw .unavailable }
        return opened
    }

    private func query(_ sql: String, _ parameters: [PostgresValue]) async throws(VaultError) -> PostgresRows {
        do { return try await pool.query(sql, parameters) } catch { throw .unavailable }
    }
}
