import Synchronization
package import Vocabulary

/// Secrets in memory, for tests and for running one file without a server. Nothing is encrypted and nothing outlives the process.
package final class InMemoryVault: SecretVault {
    private struct Record: Hashable {
        let id: SecretID
        let tenant: TenantID
        let name: String
    }

    private let ids: any IDSource
    private let records = Mutex<[Record: [UInt8]]>([:])

    package init(ids: any IDSource) { self.ids = ids }

    package func seal(_ value: [UInt8], tenant: TenantID, name: String) async throws -> SecretID {
        let id: SecretID = ids.next()
        records.withLock { $0[Record(id: id, tenant: tenant, name: name)] = value }
        return id
    }

    package func open(_ id: SecretID, tenant: TenantID, name: String) async throws -> [UInt8] {
        guard let value = records.withLock({ $0[Record(id: id, tenant: tenant, name: name)] }) else { throw VaultError.missing }
        return value
    }
}
