import Delivery
import Domain
import EventSourcing
import HTTPClientDriver
import Synchronization
import Testing
import Vocabulary

/// A connector with connections in memory and a running client, for the time of `body`.
func withConnector<Result: Sendable>(
    guardedBy addressPolicy: @escaping AddressPolicy = AddressGuard.openForTests, configuration: HTTPConnector.Configuration = .init(),
    connections: [TestConnection] = [], _ body: @Sendable @escaping (HTTPConnector) async throws -> Result
) async throws -> Result {
    let ids = CountingIDs()
    let vault = InMemoryVault(ids: ids)
    var known: [CatalogConnection] = []
    for connection in connections {
        let id: ConnectionID = ids.next()
        let secret = try await vault.seal(Array(connection.record.utf8), tenant: .test, name: "connection/\(id)")
        let profile = ConnectionProfile(
            tenant: .test, name: connection.name, connector: "http", auth: connection.auth, allowedHosts: connection.allowedHosts)
        known.append(CatalogConnection(id: id, profile: profile, secret: secret))
    }
    var clientConfiguration = HTTPClient.Configuration(addressPolicy: addressPolicy)
    clientConfiguration.drainTimeout = .zero
    let client = HTTPClient(configuration: clientConfiguration)
    let connector = HTTPConnector(client: client, catalog: ConnectionCatalog(known), vault: vault, configuration: configuration)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await client.run() }
        defer { client.shutDown() }
        return try await body(connector)
    }
}

/// A connection that exists for one test.
struct TestConnection: Sendable {
    var name = "shop"
    let auth: ConnectionAuth
    let record: String
    var allowedHosts: [String] = []
}

extension AddressGuard {
    /// Lets the loopback address through, where the tests' servers are.
    static let openForTests: AddressPolicy = AddressGuard(allowsPrivateAddresses: true).permits
}

extension HTTPConnector {
    /// Makes a call with these arguments and waits for its outcome.
    func call(_ action: String, _ input: JSONValue, connector: String = "http", timeout: Duration = .seconds(10)) async -> ActionOutcome {
        do {
            return try await call(
                ActionCall(
                    tenant: .test, space: .test, connector: connector, action: action, input: input.encoded, idempotencyKey: "run-7-call-3",
                    timeout: timeout))
        } catch {
            Issue.record("the call could not be made: \(error)")
            return .error(RunFailure(name: "Unmade", message: "\(error)"))
        }
    }
}

extension ActionOutcome {
    /// The value as a tree; fails the test if the call failed.
    var json: JSONValue {
        get throws {
            switch self {
            case .value(let bytes): return try JSONValue(parsing: bytes)
            case .error(let failure):
                Issue.record("the call failed: \(failure.message)")
                return .null
            }
        }
    }

    /// The error's text, or nil if the call succeeded.
    var failure: String? {
        switch self {
        case .value: nil
        case .error(let failure): "\(failure.name) \(failure.message)"
        }
    }
}

extension Identifier {
    static var test: Self { Self(bits: 1) }
}

private final class CountingIDs: IDSource {
    private let last = Mutex<UInt128>(100)

    func now() -> Timestamp { Timestamp(microseconds: 0) }

    func random128() -> UInt128 {
        last.withLock { last in
            last += 1
            return last
        }
    }
}

/// A catalog that knows connections only.
struct ConnectionCatalog: Catalog {
    private let connections: [CatalogConnection]

    init(_ connections: [CatalogConnection]) { self.connections = connections }

    func connection(name: String, tenant: TenantID, space: SpaceID) async throws -> CatalogConnection? {
        connections.first { $0.profile.name == name && $0.profile.tenant == tenant }
    }
    func trigger(_ id: TriggerID) async throws -> CatalogTrigger? { nil }
    func workflow(_ id: WorkflowID) async throws -> CatalogWorkflow? { nil }
    func workflow(slug: String, tenant: TenantID, space: SpaceID) async throws -> CatalogWorkflow? { nil }
    func artefact(_ hash: String) async throws -> CatalogArtefact? { nil }
    func space(of tenant: TenantID) async throws -> SpaceID? { nil }
    func secret(name: String, tenant: TenantID, space: SpaceID) async throws -> CatalogSecret? { nil }
}
