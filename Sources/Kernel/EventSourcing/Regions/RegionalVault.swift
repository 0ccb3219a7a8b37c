package import Vocabulary

/// The secrets of several databases as one: a tenant's lie in its own.
package struct RegionalVault: SecretVault {
    private let vaults: BySlice<any SecretVault>

    package init(_ vaults: BySlice<any SecretVault>) { self.vaults = vaults }

    package func seal(_ value: [UInt8], tenant: TenantID, name: String) async throws -> SecretID {
        try await vaults[tenant].seal(value, tenant: tenant, name: name)
    }

    package func open(_ id: SecretID, tenant: TenantID, name: String) async throws -> [UInt8] {
        try await vaults[tenant].open(id, tenant: tenant, name: name)
    }
}
