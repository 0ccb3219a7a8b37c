import DriverThreads

/// How to reach one Postgres database, and the run-time settings every connection to it starts with.
///
/// The connection string holds a password: this type prints neither it nor the settings.
package struct PostgresConfiguration: Sendable {
    /// A libpq URI (`postgresql://user:secret@host:port/database?sslmode=…`) or keyword string; secret.
    /// Source: PostgreSQL manual, "Connection Strings".
    package var connectionString: String

    /// The role taken by `set role` right after the connect; nil keeps the role that logged in.
    package var role: String?

    /// The name shown in `pg_stat_activity`; at most 63 bytes are kept by the server.
    package var applicationName: String

    /// Further run-time settings by name, for example `["jit": "off"]`; set for the session, after the role.
    package var settings: [String: String]

    /// How long one connection attempt may take; whole seconds, at least 2 (libpq's own minimum).
    package var connectTimeout: Duration

    /// How long the server lets one statement run before it ends it with SQLSTATE 57014; nil is the server's default.
    package var statementTimeout: Duration?

    /// A configuration with the defaults of a service on a local network.
    package init(
        connectionString: String, role: String? = nil, applicationName: String = "fastn", settings: [String: String] = [:],
        connectTimeout: Duration = .seconds(5), statementTimeout: Duration? = nil
    ) {
        self.connectionString = connectionString
        self.role = role
        self.applicationName = applicationName
        self.settings = settings
        self.connectTimeout = connectTimeout
        self.statementTimeout = statementTimeout
    }
}

extension PostgresConfiguration {
    /// How long sent bytes may stay unacknowledged before the kernel gives the connection up: a peer that is gone is noticed
    /// within this time instead of the kernel's default of about 15 minutes.
    static let unacknowledgedLimit = Duration.seconds(20)

    /// The keywords for libpq in the order it reads them: later ones win, so our defaults precede the string and our orders follow it.
    var connectionKeywords: [(keyword: String, value: String)] {
        [
            ("keepalives_idle", "10"),
            ("keepalives_interval", "5"),
            ("keepalives_count", "2"),
            ("tcp_user_timeout", String(Self.unacknowledgedLimit.wholeMilliseconds)),
            ("dbname", connectionString),
            ("application_name", applicationName),
            ("client_encoding", "UTF8"),
            ("connect_timeout", String(max(2, connectTimeout.components.seconds))),
        ]
    }

    /// What is set once a connection stands, in order; the role comes first, as the other settings may be bound to it.
    var sessionSettings: [(name: String, value: String)] {
        var all: [(name: String, value: String)] = []
        if let role { all.append(("role", role)) }
        if let statementTimeout { all.append(("statement_timeout", String(statementTimeout.wholeMilliseconds))) }
        all += settings.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return all
    }
}

extension PostgresConfiguration: CustomStringConvertible, CustomReflectable {
    /// The application name alone; never the connection string.
    package var description: String { "PostgresConfiguration(\(applicationName))" }

    /// Nothing, so that `dump` and test failures do not show the password.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
