import HTTPClientDriver
import Vocabulary

/// One call of `fastn.connector.http`, as the workflow wrote it: `{url, headers?, query?, body?, connection?, timeoutMs?}`.
struct ConnectorRequest {
    /// The actions and the methods they stand for.
    static let methods = ["get": "GET", "head": "HEAD", "post": "POST", "put": "PUT", "patch": "PATCH", "delete": "DELETE"]

    let method: String
    let url: HTTPURL
    /// The caller's headers; no `Content-Type` is added where the caller gave one.
    let headers: [(name: String, value: String)]
    let body: [UInt8]?
    /// Name of the connection whose credentials are put in.
    let connection: String?
    let timeout: Duration?

    init(action: String, input: JSONValue) throws(ConnectorError) {
        guard let method = Self.methods[action] else {
            throw ConnectorError(.unknownAction, "http has no action \"\(action)\"; there are get, head, post, put, patch and delete")
        }
        guard let url = input["url"]?.string else { throw Self.invalid("url", "must be a text such as https://api.example.com/orders") }
        self.method = method
        self.url = try Self.url(url, query: input["query"])
        (body, headers) = Self.body(input["body"], headers: try Self.fields(input["headers"], at: "headers"))
        connection = try Self.connection(input["connection"])
        timeout = try Self.timeout(input["timeoutMs"])
    }

    private static func url(_ text: String, query: JSONValue?) throws(ConnectorError) -> HTTPURL {
        let pairs = try fields(query, at: "query")
        do throws(HTTPClientError) {
            return try HTTPURL(parsing: text).appending(query: pairs)
        } catch {
            throw ConnectorError(error)
        }
    }

    /// Names and values of an object; a list gives its name several times, null is left out.
    private static func fields(_ value: JSONValue?, at name: String) throws(ConnectorError) -> [(name: String, value: String)] {
        guard let value, !value.isNull else { return [] }
        guard let members = value.object?.members else { throw invalid(name, "must be an object of names and values") }
        var fields: [(name: String, value: String)] = []
        for member in members {
            for element in member.value.array ?? [member.value] where !element.isNull {
                guard let text = scalarText(element) else { throw invalid("\(name).\(member.name)", "must be a text, number or boolean") }
                fields.append((name: member.name, value: text))
            }
        }
        return fields
    }

    private static func scalarText(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text): text
        case .number(let number): number.text
        case .bool(let flag): flag ? "true" : "false"
        case .null, .array, .object: nil
        }
    }

    /// A text goes as it is, anything else as JSON.
    private static func body(
        _ value: JSONValue?, headers: [(name: String, value: String)]
    ) -> (body: [UInt8]?, headers: [(name: String, value: String)]) {
        guard let value, !value.isNull else { return (nil, headers) }
        let bytes = value.string.map { Array($0.utf8) } ?? value.encoded
        if headers.contains(where: { $0.name.lowercased() == "content-type" }) { return (bytes, headers) }
        let type = value.string == nil ? "application/json" : "text/plain; charset=utf-8"
        return (bytes, headers + [(name: "Content-Type", value: type)])
    }

    private static func connection(_ value: JSONValue?) throws(ConnectorError) -> String? {
        guard let value, !value.isNull else { return nil }
        guard let name = value.string, !name.isEmpty else { throw invalid("connection", "must be the name of a connection") }
        return name
    }

    private static func timeout(_ value: JSONValue?) throws(ConnectorError) -> Duration? {
        guard let value, !value.isNull else { return nil }
        guard let milliseconds = value.double, (1...86_400_000).contains(milliseconds) else {
            throw invalid("timeoutMs", "must be a number of milliseconds above 0")
        }
        return .milliseconds(Int64(milliseconds))
    }

    private static func invalid(_ member: String, _ rule: String) -> ConnectorError {
        ConnectorError(.invalidRequest, "\(member) \(rule)")
    }
}
