import Domain
import EventSourcing
import Vocabulary

/// Finds a connection by the name that a workflow uses, and opens its credentials.
struct ConnectionCredentials: Sendable {
    private let catalog: any Catalog
    private let vault: any SecretVault

    init(catalog: any Catalog, vault: any SecretVault) {
        self.catalog = catalog
        self.vault = vault
    }

    /// The credentials of the tenant's own connection of that name, else of its space's.
    ///
    /// Throws ``ConnectorError`` for what the caller can mend, and as they are the errors of a database that does not answer.
    func open(_ name: String, tenant: TenantID, space: SpaceID) async throws -> ConnectorCredential {
        guard let connection = try await catalog.connection(name: name, tenant: tenant, space: space) else {
            throw ConnectorError(.unknownConnection, "there is no connection named \"\(name)\"; create it, or correct the name")
        }
        var record: [UInt8] = []
        if let secret = connection.secret {
            do {
                record = try await vault.open(secret, tenant: connection.profile.tenant, name: ConnectionRecord.name(of: connection.id))
            } catch let error as VaultError where error != .unavailable {
                throw ConnectorError(.credentialsUnavailable, "the credentials of connection \"\(name)\" cannot be read: save them again")
            }
        }
        return try ConnectorCredential(connection.profile, record: record)
    }
}
