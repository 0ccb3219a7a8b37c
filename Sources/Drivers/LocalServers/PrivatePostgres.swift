import Glibc
package import Logging

/// A Postgres cluster of our own in a data folder, run as a supervised child that only this machine can reach.
///
/// Life cycle: `start()` once, `run()` while it is wanted, `stop()` at the end. Nothing of it depends on a Postgres service of the system.
package final class PrivatePostgres: Sendable {
    /// How to run the cluster.
    package struct Configuration: Sendable {
        /// How hard the cluster protects what it has committed.
        package enum Durability: Sendable {
            /// Every commit is on the disk before it is answered.
            case full
            /// For tests: fast, and lost with the machine's power.
            case none
        }

        /// Where cluster, password, log and pid file live; created when it is not there.
        package var dataFolder: String
        /// Folder with `postgres` and `initdb`; `nil` takes the data's version below /usr/lib/postgresql, else the newest (15 at least).
        package var binFolder: String?
        /// Loopback port; 0 picks a free one at the first start and keeps it while it stays free.
        package var port: Int
        /// The longest a start may take, with the recovery after a crash. Range: above 0; default 2 minutes.
        package var startTimeout: Duration
        /// `.full` everywhere but in tests.
        package var durability: Durability

        /// A configuration with the defaults that `make run` uses.
        package init(
            dataFolder: String, binFolder: String? = nil, port: Int = 0, startTimeout: Duration = .seconds(120), durability: Durability = .full
        ) {
            self.dataFolder = dataFolder
            self.binFolder = binFolder
            self.port = port
            self.startTimeout = startTimeout
            self.durability = durability
        }
    }

    /// Where the running cluster is reached.
    package struct Endpoint: Sendable {
        /// URI with loopback host, port, user, password and database. A secret: never log it.
        package let connectionString: String
        /// Loopback port.
        package let port: Int
        /// Folder of the Unix socket, for `host=` in a connection string.
        package let socketFolder: String
    }

    private let supervisor: ServerSupervisor<PostgresProgram>

    /// Keeps the configuration; nothing is started or written yet.
    package init(configuration: Configuration, logger: Logger) {
        let program = PostgresProgram(configuration: configuration)
        supervisor = ServerSupervisor(program: program, startTimeout: configuration.startTimeout, logger: logger)
    }

    /// Creates the cluster if there is none, stops an orphan of an earlier start, starts the server and waits until it answers.
    ///
    /// Cost: half a second the first time, a tenth of that later. Throws one clear `LocalServerError` a reason; nothing is left running then.
    package func start() async throws(LocalServerError) -> Endpoint {
        let port = try await supervisor.start()
        let program = supervisor.program
        let password = try program.secret(in: program.passwordFile)
        let user = PostgresProgram.userName
        return Endpoint(
            connectionString: "postgresql://\(user):\(password)@127.0.0.1:\(port)/\(PostgresProgram.databaseName)",
            port: port, socketFolder: program.socketFolder)
    }

    /// Starts the server again, on the same port, whenever it dies. Returns after `stop()` or when the task is cancelled.
    package func run() async { await supervisor.run() }

    /// Stops the server: open transactions are rolled back, the log is flushed. Works in a cancelled task; twice does nothing.
    package func stop() async { await supervisor.stop() }
}
