import Logging
import PostgresDriver
package import Vocabulary

/// How the log reaches its database and how much it takes on.
package struct EventLogConfiguration: Sendable {
    /// A libpq URI of the database; secret. The user owns the tables, and creates the three roles or has been granted them.
    package var connectionString: String
    /// The file that holds the key of all secrets; made at the first start.
    package var keyFile: String
    /// Threads that append, each with a connection and an equal part of the slices: while one makes a call or takes its answers, the server
    /// works for the other. A third one gains nothing where Postgres has two cores.
    package var writers = 2
    /// Connections for projections, entities and the sweeper, 1 ... 100; with two cores throughput grows no more beyond 8.
    package var connectionLimit = 8
    /// Connections for reads of the API, 1 ... 100.
    package var readerConnectionLimit = 8
    /// How long a caller waits for a lost connection to come back before he is told, 1 s and up.
    package var patience = Duration.seconds(10)
    /// How long the server may leave a commit unanswered before its connection is given up: far beyond the lock timeout of 2 s, and a disk
    /// that hangs for longer is not waited for, since callers do not.
    package var hangLimit = Duration.seconds(10)
    /// How long the server works on one statement before it gives up.
    package var statementTimeout = Duration.seconds(30)
    /// Months ahead for which the log has partitions; a process that cannot create them for so long stops taking runs.
    package var partitionMonths: Int32 = 3
    /// Where checkpoints of the hash chains go; nil exports none.
    package var checkpoints: CheckpointSettings?
    /// Whether to go on without events that the newest checkpoint says were there: it is refused otherwise.
    package var acceptsLoss = false
    /// How often old heads, expired state values and forgotten keys are removed.
    package var sweepInterval = Duration.seconds(120)
    /// Rows that one statement of the sweep removes: some tens of milliseconds, far from the statement timeout.
    package var sweepRows: Int32 = 5000
    /// How long the key of a delivery or command is remembered once it is done. A week is longer than anybody sends a delivery again:
    /// Shopify tries for 48 hours, GitHub lets people do it for three days.
    package var keyRetention = Duration.seconds(7 * 86_400)

    /// Which of the installation's databases this is.
    package var region = Region.main
    /// Who this process is among those that share the database; nil for one that shares it with nobody.
    package var cluster: ClusterConfiguration?

    package init(connectionString: String, keyFile: String) {
        self.connectionString = connectionString
        self.keyFile = keyFile
    }
}

extension EventLogConfiguration {
    /// What every connection of ours sets, whatever the database's own defaults are.
    private static let common = [
        "search_path": "public", "idle_in_transaction_session_timeout": "30s", "jit": "off",
        // Whoever locks first and then reads needs a snapshot that is younger than the lock.
        "default_transaction_isolation": "read committed",
    ]

    /// For migrations: as the user of the connection string, with time for a large table.
    var owner: PostgresConfiguration {
        PostgresConfiguration(connectionString: connectionString, applicationName: "fastn migration", settings: Self.common)
    }

    /// For a pool of connections under one role.
    func pooled(_ role: DatabaseRole) -> PostgresConfiguration {
        PostgresConfiguration(
            connectionString: connectionString, role: role.rawValue, applicationName: role.rawValue, settings: Self.common,
            statementTimeout: statementTimeout)
    }

    /// For the log's writer thread.
    ///
    /// Generic plans that only probe indexes: planned once, and right however empty the tables were then. A forgotten session that holds
    /// a head shows as an error after 2 s and not as silence, and a broken connection of ours gives its locks back as soon.
    var appender: PostgresConfiguration {
        var configuration = inboxWriter
        configuration.applicationName = "fastn log"
        configuration.settings.merge(
            ["plan_cache_mode": "force_generic_plan", "enable_seqscan": "off", "enable_bitmapscan": "off"], uniquingKeysWith: { $1 })
        return configuration
    }

    /// For heartbeats: what takes longer than until the next one is given up and tried again.
    var leasing: PostgresConfiguration {
        var configuration = pooled(.writer)
        configuration.applicationName = "fastn leases"
        configuration.statementTimeout = .seconds(2)
        configuration.settings["synchronous_commit"] = "on"
        return configuration
    }

    /// For the inbox's writer thread.
    var inboxWriter: PostgresConfiguration {
        var configuration = pooled(.writer)
        configuration.applicationName = "fastn inbox"
        configuration.settings.merge(
            [
                "synchronous_commit": "on", "lock_timeout": "2s", "idle_in_transaction_session_timeout": "10s", "tcp_user_timeout": "10000",
                "tcp_keepalives_idle": "5", "tcp_keepalives_interval": "2", "tcp_keepalives_count": "3",
            ], uniquingKeysWith: { $1 })
        return configuration
    }
}
