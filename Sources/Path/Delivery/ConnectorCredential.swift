import Cryptography
import Domain
import HTTPClientDriver
import Vocabulary

/// The credentials of one connection, opened for one call. They enter the request here and are shown nowhere.
struct ConnectorCredential: Sendable, CustomStringConvertible, CustomReflectable {
    /// The connection's name, for messages.
    let connection: String
    /// The header that carries the credentials; nil for a connection without any.
    let header: (name: String, value: String)?
    /// Every text that must not be shown, in whatever form the other side might repeat it.
    let secrets: [String]
    private let allowedHosts: [String]

    /// Reads the sealed record of a connection: `{token}`, `{value}` or `{username, password}`.
    init(_ profile: ConnectionProfile, record: [UInt8]) throws(ConnectorError) {
        connection = profile.name
        allowedHosts = profile.allowedHosts.map { $0.lowercased() }
        // A record that is no JSON has no members, and is reported as such below.
        let members = (try? JSONValue(parsing: record)) ?? .null
        switch profile.auth {
        case .none:
            (header, secrets) = (nil, [])
        case .bearer:
            let token = try Self.text("token", members, profile)
            (header, secrets) = ((name: "Authorization", value: "Bearer \(token)"), [token])
        case .apiKey(let name):
            let value = try Self.text("value", members, profile)
            (header, secrets) = ((name: name, value: value), [value])
        case .basic:
            let password = try Self.text("password", members, profile)
            let pair = Base64.encode(Array("\(try Self.text("username", members, profile)):\(password)".utf8))
            (header, secrets) = ((name: "Authorization", value: "Basic \(pair)"), [pair, password])
        }
    }

    /// Whether the credentials may be sent to this place; entries are `host`, `host:port` or `*.domain`, none means any.
    func isAllowed(at url: HTTPURL) -> Bool {
        allowedHosts.isEmpty
            || allowedHosts.contains { entry in
                if entry.hasPrefix("*.") { return url.host.hasSuffix(entry.dropFirst()) }
                return entry == url.host || entry == "\(url.host):\(url.port)"
            }
    }

    var description: String { "ConnectorCredential(\(connection), redacted)" }

    var customMirror: Mirror { Mirror(self, children: []) }

    private static func text(_ member: String, _ members: JSONValue, _ profile: ConnectionProfile) throws(ConnectorError) -> String {
        guard let text = members[member]?.string, !text.isEmpty else {
            throw ConnectorError(.credentialsUnavailable, "connection \"\(profile.name)\" has no \(member): save its credentials again")
        }
        return text
    }
}
