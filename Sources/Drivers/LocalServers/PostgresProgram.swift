import Glibc

/// How Postgres is set up, started and stopped.
struct PostgresProgram: ServerProgram {
    static let userName = "fastn"
    static let databaseName = "fastn"
    /// Bytes of a Unix socket's path, less its terminator. Source: unix(7), `sun_path`.
    private static let socketPathLimit = 107
    /// How long sessions may take to notice that their server was killed; they look every few seconds at least.
    private static let sessionPatience: Duration = .seconds(10)
    private static let pollMicroseconds: useconds_t = 20_000

    let name = "PostgreSQL"
    let folder: String
    let port: Int
    private let configuration: PrivatePostgres.Configuration

    /// SIGINT ends sessions and writes a checkpoint, SIGQUIT leaves recovery to the next start; SIGKILL is never sent, since it would
    /// leave shared memory and backends behind. Source: PostgreSQL manual, "Shutting Down the Server".
    let stopSignals = [StopSignal(number: SIGINT, patience: .seconds(30)), StopSignal(number: SIGQUIT, patience: .seconds(15))]

    init(configuration: PrivatePostgres.Configuration) {
        self.configuration = configuration
        folder = Files.absolute(configuration.dataFolder)
        port = configuration.port
    }

    var dataFolder: String { folder + "/cluster" }
    var passwordFile: String { folder + "/password" }
    private var serverProcessFile: String { dataFolder + "/postmaster.pid" }

    /// The socket's folder: beside the data, or under /tmp when the path would be too long for a socket.
    var socketFolder: String {
        let near = folder + "/socket"
        guard (near + "/.s.PGSQL.65535").utf8.count > Self.socketPathLimit else { return near }
        // FNV-1a of the path keeps the short name the same at every start.
        let hash = folder.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return "/tmp/fastn-\(geteuid())-" + String(hash, radix: 16)
    }

    func prepare(as account: ServerAccount) throws(LocalServerError) {
        let binaries = try PostgresBinaries.find(configured: configuration.binFolder, dataVersion: dataVersion)
        if let dataVersion, let installed = binaries.version, dataVersion != installed {
            throw .dataVersion(folder: dataFolder, found: dataVersion, installed: installed)
        }
        try account.createFolder(socketFolder)
        try checkSocketFolder(account)
        let cluster = PostgresCluster(program: self, binaries: binaries, account: account, password: try secret(in: passwordFile))
        if dataVersion == nil { try cluster.create() }
        removeStaleLocks()
    }

    func command(port: Int, as account: ServerAccount) throws(LocalServerError) -> Command {
        let binaries = try PostgresBinaries.find(configured: configuration.binFolder, dataVersion: dataVersion)
        let settings = PostgresSettings.list(port: port, socketFolder: socketFolder, durability: configuration.durability)
        let words = [binaries.postgres, "-D", dataFolder] + settings.flatMap { ["-c", "\($0.name)=\($0.value)"] }
        return Command(words: account.commandPrefix + words, workingFolder: folder, logFile: log.path)
    }

    /// Source: PostgreSQL's `pidfile.h`: line 1 of postmaster.pid is the process, line 4 the port, line 8 `ready` once sessions are taken.
    func isReady(processID: pid_t, port: Int) -> Bool {
        guard let text = Files.read(serverProcessFile) else { return false }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 7, pid_t(lines[0]) == processID, Int(lines[3]) == port else { return false }
        return lines[7].hasPrefix("ready")
    }

    /// The server's own pid file knows a server that was started a moment before we were killed; its working folder proves it is ours.
    func unrecordedOrphan() -> ProcessIdentity? {
        guard let holder = processInServerFile, worksInCluster(holder) == true else { return nil }
        return holder
    }

    private var processInServerFile: ProcessIdentity? { processID(in: serverProcessFile).flatMap(ProcessIdentity.init(running:)) }

    /// The first line of a lock file of Postgres.
    private func processID(in file: String) -> pid_t? { Files.read(file)?.split(separator: "\n").first.flatMap { pid_t($0) } }

    private func worksInCluster(_ process: ProcessIdentity) -> Bool? {
        Files.areSame("/proc/\(process.processID)/cwd", dataFolder)
    }

    /// Postgres refuses to start while the process that its pid file or its socket's lock names exists, whatever that is.
    ///
    /// After a reboot it can be a stranger; and it can be the server itself, killed and not yet collected by its parent, which in a
    /// container may never happen. The files are only removed then: in every other case Postgres needs them to see that sessions of a
    /// killed server still run.
    private func removeStaleLocks() {
        let sockets = Files.names(in: socketFolder).filter { $0.hasSuffix(".lock") }.map { "\(socketFolder)/\($0)" }
        for file in [serverProcessFile] + sockets {
            guard let holder = processID(in: file) else { continue }
            let isStale = ProcessIdentity(running: holder).map { worksInCluster($0) == false } ?? (kill(holder, 0) == 0 && isClusterLeft())
            if isStale { unlink(file) }
        }
    }

    /// Waits until nothing works in the cluster: sessions outlive a killed server by a moment.
    private func isClusterLeft() -> Bool {
        let deadline = ContinuousClock.now + Self.sessionPatience
        while isClusterInUse {
            guard ContinuousClock.now < deadline else { return false }
            usleep(Self.pollMicroseconds)
        }
        return true
    }

    private var isClusterInUse: Bool {
        Files.names(in: "/proc").contains { pid_t($0) != nil && Files.areSame("/proc/\($0)/cwd", dataFolder) == true }
    }

    func diagnosis(of log: String) -> LocalServerError? {
        if log.contains("wrong ownership") { return .folderOwner(folder: dataFolder) }
        return nil
    }

    /// The major version that wrote the data, such as `15`; `nil` when there is no cluster yet.
    var dataVersion: String? {
        Files.read(dataFolder + "/PG_VERSION").flatMap { $0.split(whereSeparator: \.isWhitespace).first.map(String.init) }
    }

    /// A folder under /tmp could be somebody else's trap: it must be a real folder that belongs to the server's account.
    private func checkSocketFolder(_ account: ServerAccount) throws(LocalServerError) {
        guard let found = Files.status(socketFolder), found.st_mode & S_IFMT == S_IFDIR, found.st_uid == account.userID else {
            throw .folderOwner(folder: socketFolder)
        }
    }
}
