package import Vocabulary

/// Decides what may happen to a connection.
package enum ConnectionDecider: Decider {
    package static let category = Category("connection")
    package static let initialState = ConnectionState.absent

    package static func decide(
        _ command: ConnectionCommand, _ state: ConnectionState, now: Timestamp
    ) throws(EntityRejection) -> [ConnectionEvent] {
        switch (command, state) {
        case (.create(let profile, let secret), .absent):
            try require(problems(of: profile))
            return [.created(profile, secret: secret)]
        case (.create, .present), (.create, .deleted): throw .exists(category)
        case (.rotate(let auth, let secret), .present):
            try require([problem(of: auth)])
            return [.credentialsRotated(auth, secret: secret)]
        case (.delete, .present(let profile, _)): return [.deleted(tenant: profile.tenant, name: profile.name)]
        case (.rotate, .absent), (.rotate, .deleted), (.delete, .absent), (.delete, .deleted): throw .unknown(category)
        }
    }

    package static func evolve(_ state: ConnectionState, _ event: ConnectionEvent) -> ConnectionState {
        switch (event, state) {
        case (.created(let profile, let secret), _): .present(profile, secret: secret)
        case (.credentialsRotated(let auth, let secret), .present(let old, _)):
            .present(
                ConnectionProfile(tenant: old.tenant, name: old.name, connector: old.connector, auth: auth, allowedHosts: old.allowedHosts),
                secret: secret)
        case (.credentialsRotated, .absent), (.credentialsRotated, .deleted): state
        case (.deleted, _): .deleted
        }
    }

    package static func action(of command: ConnectionCommand) -> String {
        switch command {
        case .create: "connection.create"
        case .rotate: "connection.rotate"
        case .delete: "connection.delete"
        }
    }

    package static func reservations(of event: ConnectionEvent) -> [Reservation] {
        if case .created(let profile, _) = event { [nameClaim(profile.tenant, profile.name)] } else { [] }
    }

    package static func releases(of event: ConnectionEvent) -> [Reservation] {
        if case .deleted(let tenant, let name) = event { [nameClaim(tenant, name)] } else { [] }
    }

    private static func nameClaim(_ tenant: TenantID, _ name: String) -> Reservation {
        Reservation(scope: tenant, kind: "connection.name", key: name)
    }

    private static func problems(of profile: ConnectionProfile) -> [Problem?] {
        let hosts = profile.allowedHosts.enumerated().map { index, host in
            host.isEmpty || host.contains("/") ? Problem("/allowedHosts/\(index)", "must be a host name without scheme or path") : nil
        }
        return [TextRules.key(profile.name, at: "/name"), TextRules.key(profile.connector, at: "/connector"), problem(of: profile.auth)] + hosts
    }

    private static func problem(of auth: ConnectionAuth) -> Problem? {
        auth.header.flatMap { isFieldName($0) ? nil : Problem("/auth/header", "must be an HTTP header name, such as X-API-Key") }
    }

    /// Source: RFC 9110 section 5.6.2, `token`.
    private static func isFieldName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 100 && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !Array("\"(),/:;<=>?@[\\]{}".utf8).contains($0) }
    }
}
