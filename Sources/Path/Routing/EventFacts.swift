import Domain
import Vocabulary

/// What route filters and normalizing look at: the body as JSON, headers, query.
struct EventFacts: Sendable {
    /// Null when the body is not JSON that we read; such an event still takes routes that do not ask for its body.
    let body: JSONValue
    let headers: JSONObject
    let query: JSONValue

    init(of event: ReceivedEvent) {
        // What is not JSON (try?), or nested too deeply, is lawful in a webhook and has no members to look at.
        body = (try? JSONValue(parsing: event.body)) ?? .null
        headers = JSONObject(event.headers.map { (name: $0.name, value: .string($0.value)) })
        query = event.query.map { .object(QueryString.members(of: $0)) } ?? [:]
    }

    /// As a filter sees them.
    var object: JSONObject { ["body": body, "headers": .object(headers), "query": query] }

    func header(_ name: String) -> String? { headers[name]?.string }
}

/// The query of a URL, read as HTML forms write it. Source: WHATWG URL Standard, "application/x-www-form-urlencoded parsing".
enum QueryString {
    /// Names with their decoded values, a list where a name comes several times.
    static func members(of query: String) -> JSONObject {
        var members = JSONObject()
        for pair in query.utf8.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = decoded(parts[0])
            let value = JSONValue.string(parts.count > 1 ? decoded(parts[1]) : "")
            switch members[name] {
            case nil: members.append(name, value)
            case .array(let values)?: members[name] = .array(values + [value])
            case let first?: members[name] = .array([first, value])
            }
        }
        return members
    }

    private static func decoded(_ text: some Collection<UInt8>) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                // A percent sign without two digits behind it stands for itself.
                if let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2, rest.first != UInt8(ascii: "+") {
                    bytes.append(code)
                    rest = rest.dropFirst(2)
                } else {
                    bytes.append(byte)
                }
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
