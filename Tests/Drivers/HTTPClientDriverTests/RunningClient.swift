import HTTPClientDriver

/// Runs a client around `body`, and ends it whatever happens.
@discardableResult
func withClient<Result: Sendable>(
    policy: @escaping AddressPolicy = { _ in true }, configure: (inout HTTPClient.Configuration) -> Void = { _ in },
    _ body: @Sendable @escaping (HTTPClient) async throws -> Result
) async throws -> Result {
    var configuration = HTTPClient.Configuration(addressPolicy: policy)
    configuration.drainTimeout = .zero
    configure(&configuration)
    let client = HTTPClient(configuration: configuration)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await client.run() }
        defer { client.shutDown() }
        return try await body(client)
    }
}

/// A GET of a test server's address.
func get(_ url: String, timeout: Duration = .seconds(10)) throws -> OutboundRequest {
    OutboundRequest(method: "GET", url: try HTTPURL(parsing: url), timeout: timeout)
}
