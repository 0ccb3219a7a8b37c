package import Vocabulary

extension ConnectionDecider {
    package typealias Subject = (profile: ConnectionProfile, secret: SecretID?)

    package static func subject(of state: ConnectionState) -> Subject? {
        if case .present(let profile, let secret) = state { (profile, secret) } else { nil }
    }

    /// Credentials are shown by the id of their encrypted record, so that a rotation can be seen.
    package static let fields: [EntityField<Subject, ConnectionEvent>] = [
        .text("name") { $0.profile.name }, .text("connector") { $0.profile.connector }, .value("auth", { $0.profile.auth }, json: \.json),
        .value("allowedHosts", { $0.profile.allowedHosts }) { .array($0.map(JSONValue.string)) }, .id("secretId") { $0.secret },
    ]
}
