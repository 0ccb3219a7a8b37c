package import EventSourcing
import Synchronization
package import Vocabulary

/// A vault that counts how often a secret is opened, and can be switched off.
package final class TestVault: SecretVault {
    private let vault: InMemoryVault
    private let state = Mutex((openings: 0, isAvailable: true))

    package init(ids: any IDSource) { vault = InMemoryVault(ids: ids) }

    package var openings: Int { state.withLock { $0.openings } }
    package func setAvailable(_ isAvailable: Bool) { state.withLock { $0.isAvailable = isAvailable } }

    package func seal(_ value: [UInt8], tenant: TenantID, name: String) async throws -> SecretID {
        try await vault.seal(value, tenant: tenant, name: name)
    }

    package func open(_ id: SecretID, tenant: TenantID, name: String) async throws -> [UInt8] {
        let isAvailable = state.withLock { state in
            state.openings += 1
            return state.isAvailable
        }
        guard isAvailable else { throw VaultError.unavailable }
        return try await vault.open(id, tenant: tenant, name: name)
    }
}
