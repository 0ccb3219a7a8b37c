package import Vocabulary

/// What may be asked of a connection, an authenticated instance of a connector.
package enum ConnectionCommand: Sendable {
    case create(ConnectionProfile, secret: SecretID?)
    case rotate(ConnectionAuth, secret: SecretID?)
    case delete
}

/// What a connection is, without its credentials.
package struct ConnectionProfile: Hashable, Sendable, Codable {
    package let tenant: TenantID
    package let name: String
    /// The connector's slug, `http`.
    package let connector: String
    package let auth: ConnectionAuth
    /// Hosts that may be sent the credentials; empty means any host that the workflow names.
    package let allowedHosts: [String]

    package init(tenant: TenantID, name: String, connector: String, auth: ConnectionAuth, allowedHosts: [String]) {
        self.tenant = tenant
        self.name = name
        self.connector = connector
        self.auth = auth
        self.allowedHosts = allowedHosts
    }
}

/// How credentials are put into a request; the credentials themselves are an encrypted record.
package enum ConnectionAuth: Hashable, Sendable, Codable {
    case none
    case bearer
    /// The value goes into the header of this name.
    case apiKey(header: String)
    case basic

    package var name: String {
        switch self {
        case .none: "none"
        case .bearer: "bearer"
        case .apiKey: "api_key"
        case .basic: "basic"
        }
    }

    package var header: String? { if case .apiKey(let header) = self { header } else { nil } }

    package init?(name: String, header: String?) {
        switch (name, header) {
        case ("none", _): self = .none
        case ("bearer", _): self = .bearer
        case ("api_key", let header?): self = .apiKey(header: header)
        case ("basic", _): self = .basic
        default: return nil
        }
    }
}
