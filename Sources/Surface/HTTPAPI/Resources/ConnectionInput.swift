import Domain
import Vocabulary

/// What a request says of a connection's credentials.
struct ConnectionInput {
    /// The types of authentication that `connector.http` can put into a request.
    enum AuthType: String, CaseIterable {
        case none
        case bearer
        case apiKey = "api_key"
        case basic
    }

    let auth: ConnectionAuth
    /// The credentials as they are sealed: `{token}`, `{value}` or `{username, password}`; nil when there are none.
    let credentials: JSONValue?

    /// Reads the member `auth`.
    init(_ fields: inout RequestFields) {
        let read = fields.nested("auth") { inner -> (ConnectionAuth, JSONValue?) in
            if inner.value("type") == nil { inner.report("type", "is required") }
            let type: AuthType = inner.choice("type") ?? .none
            return Self.read(type, &inner)
        }
        if fields.value("auth") == nil { fields.report("auth", "is required, such as {\"type\": \"bearer\", \"token\": \"…\"}") }
        (auth, credentials) = read ?? (.none, nil)
    }

    private static func read(_ type: AuthType, _ fields: inout RequestFields) -> (ConnectionAuth, JSONValue?) {
        switch type {
        case .none: return (.none, nil)
        case .bearer: return (.bearer, ["token": .string(secret("token", &fields))])
        case .apiKey:
            let header = fields.requiredString("header")
            return (.apiKey(header: header), ["value": .string(secret("value", &fields))])
        case .basic:
            return (.basic, ["username": .string(secret("username", &fields)), "password": .string(secret("password", &fields))])
        }
    }

    /// A part of the credentials; it goes into a header, which ends with its line.
    private static func secret(_ name: String, _ fields: inout RequestFields) -> String {
        let text = fields.requiredString(name)
        if text.utf8.count > Limits.secretBytes { fields.report(name, "must be at most \(Limits.secretBytes) bytes") }
        if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) { fields.report(name, "must not contain control characters or line breaks") }
        return text
    }
}
