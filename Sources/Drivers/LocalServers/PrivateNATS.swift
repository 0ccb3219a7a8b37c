import Glibc
package import Logging

/// A nats-server of our own with JetStream, run as a supervised child that only this machine can reach.
///
/// What it stores is disposable: the folder `store` may be deleted at any time while it is stopped.
package final class PrivateNATS: Sendable {
    /// How to run the server.
    package struct Configuration: Sendable {
        /// Where store, configuration, log and pid file live; created when it is not there.
        package var dataFolder: String
        /// The program; `nil` looks where Debian and a manual installation put it.
        package var program: String?
        /// Loopback port; 0 picks a free one at the first start and keeps it while it stays free.
        package var port: Int
        /// The longest a start may take. Range: above 0; default 30 seconds.
        package var startTimeout: Duration
        /// The largest message in bytes. Default 1 MB: the bus carries pointers, and a large message would delay those behind it.
        package var maxPayloadBytes: Int
        /// The most the store may take on the disk, in bytes. Default 2 GB.
        package var maxStoreBytes: Int

        /// A configuration with the defaults that `make run` uses.
        package init(
            dataFolder: String, program: String? = nil, port: Int = 0, startTimeout: Duration = .seconds(30),
            maxPayloadBytes: Int = 1_048_576, maxStoreBytes: Int = 2 * 1_073_741_824
        ) {
            self.dataFolder = dataFolder
            self.program = program
            self.port = port
            self.startTimeout = startTimeout
            self.maxPayloadBytes = maxPayloadBytes
            self.maxStoreBytes = maxStoreBytes
        }
    }

    /// Where the running server is reached.
    package struct Endpoint: Sendable {
        /// URL with user, password, loopback host and port. A secret: never log it.
        package let url: String
        /// Loopback port.
        package let port: Int
        /// JetStream's files.
        package let storeFolder: String
    }

    private let supervisor: ServerSupervisor<NATSProgram>

    /// Keeps the configuration; nothing is started or written yet.
    package init(configuration: Configuration, logger: Logger) {
        supervisor = ServerSupervisor(
            program: NATSProgram(configuration: configuration), startTimeout: configuration.startTimeout, logger: logger)
    }

    /// Stops an orphan of an earlier start, starts the server and waits until it answers; about 30 ms.
    ///
    /// Throws one clear `LocalServerError` a reason; nothing is left running then.
    package func start() async throws(LocalServerError) -> Endpoint {
        let port = try await supervisor.start()
        let program = supervisor.program
        let password = try program.secret(in: program.passwordFile)
        return Endpoint(
            url: "nats://\(NATSProgram.userName):\(password)@127.0.0.1:\(port)", port: port, storeFolder: program.dataFolder)
    }

    /// Starts the server again, on the same port, whenever it dies. Returns after `stop()` or when the task is cancelled.
    package func run() async { await supervisor.run() }

    /// Stops the server. Works in a cancelled task; twice does nothing.
    package func stop() async { await supervisor.stop() }
}
