import Glibc
import Synchronization

/// How nats-server is set up, started and stopped.
struct NATSProgram: ServerProgram {
    static let userName = "fastn"
    private static let usualPaths = ["/usr/sbin/nats-server", "/usr/bin/nats-server", "/usr/local/bin/nats-server"]

    let name = "nats-server"
    let folder: String
    let port: Int
    private let configuration: PrivateNATS.Configuration
    private let memory = Memory()

    /// The password of this process's server: clients that are connected keep it, also when somebody deletes the folder under them.
    private final class Memory: Sendable {
        let password = Mutex<String?>(nil)
    }

    /// SIGTERM flushes the store; what SIGKILL loses is published again from the log. Source: NATS documentation, "Signals".
    let stopSignals = [StopSignal(number: SIGTERM, patience: .seconds(10)), StopSignal(number: SIGKILL, patience: .seconds(5))]

    init(configuration: PrivateNATS.Configuration) {
        self.configuration = configuration
        folder = Files.absolute(configuration.dataFolder)
        port = configuration.port
    }

    var dataFolder: String { folder + "/store" }
    var passwordFile: String { folder + "/password" }
    private var configurationFile: String { folder + "/nats-server.conf" }
    private var runFolder: String { folder + "/run" }
    private var ownProcessFile: String { runFolder + "/nats-server.pid" }

    func prepare(as account: ServerAccount) throws(LocalServerError) {
        try account.createFolder(dataFolder)
        Files.removeTree(runFolder)
        try account.createFolder(runFolder)
    }

    func command(port: Int, as account: ServerAccount) throws(LocalServerError) -> Command {
        let program = try findProgram()
        let known = memory.password.withLock { $0 }
        let password = if let known { known } else { try secret(in: passwordFile) }
        if known != nil { try Files.write(password, to: passwordFile) }
        memory.password.withLock { $0 = password }
        try Files.write(configurationText(port: port, password: password), to: configurationFile, owner: account)
        return Command(words: account.commandPrefix + [program, "-c", configurationFile], workingFolder: folder, logFile: log.path)
    }

    /// The server writes `nats-server_PID.ports` once it listens. Source: NATS documentation, `ports_file_dir`.
    func isReady(processID: pid_t, port: Int) -> Bool {
        Files.names(in: runFolder).contains { $0.hasSuffix("_\(processID).ports") }
    }

    /// The server's own pid file knows a server that was started a moment before we were killed; its working folder proves it is ours.
    func unrecordedOrphan() -> ProcessIdentity? {
        guard let text = Files.read(ownProcessFile), let identity = pid_t(text.filter(\.isNumber)).flatMap(ProcessIdentity.init(running:)),
            Files.areSame("/proc/\(identity.processID)/cwd", folder) == true
        else { return nil }
        return identity
    }

    func diagnosis(of log: String) -> LocalServerError? { nil }

    private func findProgram() throws(LocalServerError) -> String {
        let candidates = configuration.program.map { [Files.absolute($0)] } ?? Self.usualPaths
        guard let program = candidates.first(where: { access($0, X_OK) == 0 }) else {
            throw .programMissing(program: name, remedy: "run ops/install-dependencies, or install the package nats-server")
        }
        return program
    }

    private func configurationText(port: Int, password: String) -> String {
        """
        listen: "127.0.0.1:\(port)"
        max_payload: \(configuration.maxPayloadBytes)
        pid_file: "\(ownProcessFile)"
        ports_file_dir: "\(runFolder)"
        authorization { user: "\(Self.userName)", password: "\(password)" }
        jetstream {
            store_dir: "\(dataFolder)"
            max_memory_store: 67108864
            max_file_store: \(configuration.maxStoreBytes)
        }

        """
    }
}
