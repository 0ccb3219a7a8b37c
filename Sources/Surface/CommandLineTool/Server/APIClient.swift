import HTTPClientDriver
import Vocabulary

/// Calls the API of one server as one tenant.
struct APIClient: Sendable {
    let server: Server
    private let http: HTTPClient

    /// Room for an execution with its whole journal.
    private static let longestAnswer = 64 << 20
    /// Pages of one list that are read: with 200 rows each more than any tenant has of what is listed whole.
    private static let mostPages = 500

    /// Runs `body` with a client that lives as long as it.
    static func with<R: Sendable>(_ server: Server, _ body: (APIClient) async throws -> R) async throws -> R {
        // Whoever starts the command may reach what his machine can reach.
        let http = HTTPClient(configuration: .init(addressPolicy: { _ in true }))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await http.run() }
            defer { http.shutDown() }
            return try await body(APIClient(server: server, http: http))
        }
    }

    /// Sends a request to `/api/v1/tenants/{tenant}` and `path`, which must need no percent-encoding.
    ///
    /// Throws ``APIRefusal`` for every status but 2xx, and ``CommandFailure`` when there is no answer; an empty answer is null.
    func send(
        _ method: String, _ path: String, query: [(name: String, value: String)] = [], body: JSONValue? = nil, timeout: Duration = .seconds(30)
    ) async throws -> JSONValue {
        try await send(method, at: "/tenants/\(server.tenant)\(path)", query: query, body: body, timeout: timeout)
    }

    /// Sends a request to `/api/v1` and `path`, which is of no tenant.
    func send(
        _ method: String, at path: String, query: [(name: String, value: String)] = [], body: JSONValue? = nil, timeout: Duration = .seconds(30)
    ) async throws -> JSONValue {
        let request = OutboundRequest(
            method: method, url: try url(path, query), headers: headers(hasBody: body != nil), body: body?.encoded, timeout: timeout,
            maximumResponseBytes: Self.longestAnswer)
        let response = try await exchange(request)
        guard (200...299).contains(response.status) else { throw APIRefusal(response) }
        if response.body.isEmpty { return .null }
        do { return try JSONValue(parsing: response.body, depth: Self.answerDepth) } catch {
            throw CommandFailure.unreachable("\(server.baseURL) does not answer with JSON (\(error)); does fastn listen there?")
        }
    }

    /// All rows of a list, in its order; `query` may hold filters.
    func list(_ path: String, query: [(name: String, value: String)] = []) async throws -> [JSONValue] {
        var rows: [JSONValue] = []
        var cursor: String?
        for _ in 0..<Self.mostPages {
            let page = try await send(
                "GET", path, query: query + [("limit", "\(Limits.pageRows)")] + (cursor.map { [("cursor", $0)] } ?? []))
            rows += page["data"]?.array ?? []
            cursor = page["page"]?["nextCursor"]?.string
            if cursor == nil { break }
        }
        return rows
    }

    /// Answers hold customers' documents, each as deep as one may be, inside our own.
    private static let answerDepth = Limits.jsonDepth + 8

    private func url(_ path: String, _ query: [(name: String, value: String)]) throws -> HTTPURL {
        do throws(HTTPClientError) {
            let url = try HTTPURL(parsing: "\(server.baseURL)/api/v1\(path)")
            return query.isEmpty ? url : try url.appending(query: query)
        } catch {
            throw CommandFailure.wrongUse("the server's address \"\(server.baseURL)\" is not a URL such as http://127.0.0.1:8080")
        }
    }

    private func headers(hasBody: Bool) -> [(name: String, value: String)] {
        var headers = [(name: "x-fastn-api-key", value: server.apiKey), (name: "accept", value: "application/json")]
        if let space = server.space { headers.append((name: "x-fastn-space-id", value: "\(space)")) }
        if hasBody { headers.append((name: "content-type", value: "application/json")) }
        return headers
    }

    private func exchange(_ request: OutboundRequest) async throws -> OutboundResponse {
        do throws(HTTPClientError) {
            return try await http.send(request)
        } catch {
            switch error.code {
            case .cancelled: throw CancellationError()
            case .invalidHeader: throw CommandFailure.wrongUse("the API key has characters that a key cannot have")
            default:
                throw CommandFailure.unreachable(
                    "no server answers at \(server.baseURL) (\(error)); start it with fastn serve, or name another with --url")
            }
        }
    }
}
