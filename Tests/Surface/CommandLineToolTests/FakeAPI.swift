import LoopbackHTTPServer
import Synchronization
import Vocabulary

/// A server that answers as the API does, from a table of the test's own.
final class FakeAPI: Sendable {
    static let tenant = "01900000-0000-7000-8000-00000000000a"
    static let space = "01900000-0000-7000-8000-00000000000b"
    static let key = "fk_test_of_this_test"

    let server: LoopbackHTTPServer

    /// `answer` gets the method and the path with its query, below the tenant where there is one; nil is 404.
    init(_ answer: @escaping @Sendable (_ method: String, _ path: String, _ body: JSONValue) -> (status: Int, json: JSONValue)?) throws {
        server = try LoopbackHTTPServer { request in
            guard request.value("x-fastn-api-key") == Self.key else { return Self.reply(401, ["message": "no"]) }
            let base = "/api/v1/tenants/\(Self.tenant)"
            // What is no JSON is null, and the test sees it.
            let body = (try? JSONValue(parsing: request.body)) ?? .null
            let path = request.target.hasPrefix(base) ? String(request.target.dropFirst(base.count)) : request.target
            guard let answer = answer(request.method, path, body) else {
                return Self.reply(404, ["message": "The resource does not exist, or you do not have access."])
            }
            return answer.json == .null ? .response(status: answer.status) : Self.reply(answer.status, answer.json)
        }
    }

    /// Names the server and all that it asks for.
    var environment: [String: String] {
        ["FASTN_URL": server.url(""), "FASTN_API_KEY": Self.key, "FASTN_TENANT_ID": Self.tenant, "FASTN_SPACE_ID": Self.space]
    }

    /// Method and path below the tenant of every request so far.
    var calls: [String] {
        let base = "/api/v1/tenants/\(Self.tenant)/"
        return server.requests.map { "\($0.method) \($0.target.dropFirst(base.count))" }
    }

    /// The body of the first request of that method and path.
    func body(of call: String) throws -> JSONValue? {
        guard let index = calls.firstIndex(of: call) else { return nil }
        return try JSONValue(parsing: server.requests[index].body)
    }

    static func page(_ rows: [JSONValue], next: String? = nil) -> JSONValue {
        ["data": .array(rows), "page": ["nextCursor": .optional(next), "hasMore": .bool(next != nil)]]
    }

    private static func reply(_ status: Int, _ json: JSONValue) -> LoopbackReply { .text(json.text, status: status, type: "application/json") }
}

/// An execution as the API shows it.
func execution(
    _ number: Int, _ status: String, at second: Int = 0, logs: [String] = [], error: JSONValue? = nil, waiting: String? = nil
) -> JSONValue {
    var object: JSONObject = [
        "id": .string(executionID(number)), "workflow": "orders", "version": 3, "status": .string(status), "durationMs": 12,
        "createdAt": .time(Timestamp(milliseconds: 1_700_000_000_000 + Int64(second) * 1000)),
        "logs": .array(logs.map { ["level": "log", "text": .string($0), "at": "2026-03-01T09:30:00.000000Z"] }),
    ]
    if let error { object.append("error", error) }
    if let waiting { object.append("waiting", ["reason": .string(waiting), "since": "2026-03-01T09:30:00.000000Z"]) }
    return .object(object)
}

func executionID(_ number: Int) -> String { "01900000-0000-7000-8000-0000000000" + (number < 10 ? "0\(number)" : "\(number)") }
