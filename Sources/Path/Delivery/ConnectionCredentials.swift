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

    /// The name to which the record is bound in the vault; it is sealed for the connection's tenant.
    static func recordName(of connection: ConnectionID) -> String { "connection/\(connection)" }

    /// The credentials of the tenant's own connection of that name, else of its space's.
    func open(_ name: String, tenant: TenantID, space: SpaceID) async throws(ConnectorError) -> ConnectorCredential {
        let connection: CatalogConnection?
        do {
            connection = try await catalog.connection(name: name, tenant: tenant, space: space)
        } catch {
            throw Self.unavailable(name)
        }
        guard let connection else {
            throw ConnectorError(.unknownConnection, "there is no connection named \"\(name)\"; create it, or correct the name")
        }
        var record: [UInt8] = []
        if let secret = connection.secret {
            do {
                record = try await vault.open(secret, tenant: connection.profile.tenant, name: Self.recordName(of: connection.id))
            } catch {
                throw Self.unavailable(name)
            }
        }
        return try ConnectorCredential(connection.profile, record: record)
    }

    private static func unavailable(_ name: String) -> ConnectorError {
        ConnectorError(.credentialsUnavailable, "the credentials of connection \"\(name)\" cannot be read: try again")
    }
}
