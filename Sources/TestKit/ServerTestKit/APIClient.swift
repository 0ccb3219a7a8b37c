import HTTPClientDriver
package import Vocabulary

/// Speaks HTTP with a server under test; a connection lives as long as one request.
package struct APIClient: Sendable {
    /// What a server answered.
    package struct Answer: Sendable {
        package let status: Int
        package let headers: [(name: String, value: String)]
        package let body: [UInt8]

        /// The body as JSON; null when it is not.
        package var json: JSONValue {
            // A body that is no JSON fails the expectation on what it should hold.
            (try? JSONValue(parsing: body, depth: Limits.jsonDepth + 8)) ?? .null
        }
        package var text: String { String(decoding: body, as: UTF8.self) }

        package subscript(name: String) -> JSONValue? { json[name] }
    }

    package let baseURL: String
    private let headers: [(name: String, value: String)]

    package init(baseURL: String, headers: [(name: String, value: String)] = []) {
        self.baseURL = baseURL
        self.headers = headers
    }

    /// The same client with further headers.
    package func with(_ name: String, _ value: String) -> APIClient {
        APIClient(baseURL: baseURL, headers: headers + [(name: name, value: value)])
    }

    package func get(_ path: String) async throws -> Answer { try await send("GET", path) }

    package func post(_ path: String, _ body: JSONValue? = nil) async throws -> Answer { try await send("POST", path, body) }

    package func put(_ path: String, _ body: JSONValue) async throws -> Answer { try await send("PUT", path, body) }

    package func delete(_ path: String) async throws -> Answer { try await send("DELETE", path) }

    /// Sends a request and answers whatever came back; throws when nothing does.
    package func send(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> Answer {
        try await send(
            method, path, headers: body == nil ? [] : [(name: "content-type", value: "application/json")], bytes: body?.encoded)
    }

    /// Sends bytes as they are. `path` may be a whole URL.
    package func send(
        _ method: String, _ path: String, headers more: [(name: String, value: String)] = [], bytes: [UInt8]?, timeout: Duration = .seconds(60)
    ) async throws -> Answer {
        let url = try HTTPURL(parsing: path.hasPrefix("http") ? path : baseURL + path)
        let request = OutboundRequest(
            method: method, url: url, headers: headers + more, body: bytes, timeout: timeout, maximumResponseBytes: Self.longestAnswer)
        let client = HTTPClient(configuration: .init(addressPolicy: { _ in true }))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.run() }
            defer { client.shutDown() }
            let response = try await client.send(request)
            return Answer(status: response.status, headers: response.headers, body: response.body)
        }
    }

    /// Room for a delivery of the greatest size inside an event.
    private static let longestAnswer = 64 << 20
}
