import Domain
import EventSourcing
import HTTPClientDriver
import Testing
import Vocabulary

@testable import Delivery

@Suite struct `Credentials that cannot be read` {
    private struct BrokenVault: SecretVault {
        let error: VaultError

        func seal(_ value: [UInt8], tenant: TenantID, name: String) async throws -> SecretID { throw error }
        func open(_ id: SecretID, tenant: TenantID, name: String) async throws -> [UInt8] { throw error }
    }

    private func call(_ error: VaultError) async throws -> ActionOutcome {
        let profile = ConnectionProfile(tenant: .test, name: "crm", connector: "http", auth: .bearer, allowedHosts: [])
        let catalog = ConnectionCatalog([CatalogConnection(id: ConnectionID(bits: 5), profile: profile, secret: SecretID(bits: 6))])
        let client = HTTPClient(configuration: .init(addressPolicy: { _ in true }))
        let input: JSONValue = ["url": "http://127.0.0.1/", "connection": "crm"]
        return try await HTTPConnector(client: client, catalog: catalog, vault: BrokenVault(error: error)).call(
            ActionCall(
                tenant: .test, space: .test, connector: "http", action: "get", input: input.encoded, idempotencyKey: "run-7-call-3",
                timeout: .seconds(10)))
    }

    @Test func `are no outcome of the call while their store is out of reach`() async throws {
        await #expect(throws: VaultError.unavailable) { try await call(.unavailable) }
    }

    @Test(arguments: [VaultError.missing, .undecipherable]) func `are one when they are lost for good`(error: VaultError) async throws {
        #expect(try await call(error).failure?.contains("CREDENTIALS_UNAVAILABLE") == true)
    }
}
