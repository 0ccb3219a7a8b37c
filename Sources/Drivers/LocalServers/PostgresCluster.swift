import Glibc

/// Creates a cluster so that a crash in the middle leaves none: it is made beside its place and renamed when it is complete.
struct PostgresCluster: Sendable {
    private static let stepLimit: Duration = .seconds(120)

    let program: PostgresProgram
    let binaries: PostgresBinaries
    let account: ServerAccount
    let password: String

    private var staging: String { program.folder + "/cluster.new" }

    /// Runs initdb with page checksums and scram passwords, then creates the database.
    func create() throws(LocalServerError) {
        // An empty folder in the way is removed by this; one with data is not, and the rename below then fails.
        rmdir(program.dataFolder)
        Files.removeTree(staging)
        try account.createFolder(staging)
        let passwordFile = program.folder + "/password.initdb"
        let statementFile = program.folder + "/create.sql"
        defer {
            unlink(passwordFile)
            unlink(statementFile)
        }
        try Files.write(password + "\n", to: passwordFile, owner: account)
        try Files.write("CREATE DATABASE \(PostgresProgram.databaseName)\n", to: statementFile, owner: account)
        // Locale C compares bytes, which is fastest and never changes with a new C library; the character type still knows UTF-8.
        try run([
            binaries.initdb, "-k", "-D", staging, "-U", PostgresProgram.userName, "--pwfile=\(passwordFile)", "--auth=scram-sha-256",
            "--encoding=UTF8", "--locale=C", "--lc-ctype=C.UTF-8",
        ])
        // The single-user server needs neither port nor client to create the database.
        try run([binaries.postgres, "--single", "-D", staging, "postgres"], input: statementFile)
        guard rename(staging, program.dataFolder) == 0 else { throw Files.writeError(program.dataFolder, errno) }
        let parent = open(program.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0 else { throw Files.writeError(program.folder, errno) }
        defer { close(parent) }
        guard fsync(parent) == 0 else { throw Files.writeError(program.folder, errno) }
    }

    private func run(_ words: [String], input: String = "/dev/null") throws(LocalServerError) {
        let mark = program.log.size
        let command = Command(
            words: account.commandPrefix + words, workingFolder: program.folder, logFile: program.log.path, inputFile: input)
        let child = try ChildProcess.start(command)
        guard child.waitForEnd(atMost: Self.stepLimit) else {
            child.send(SIGQUIT)
            throw .startTimedOut(program: words[0], logFile: program.log.path)
        }
        guard !child.succeeded else { return }
        let log = program.log.text(after: mark)
        if log.contains("No space left on device") { throw .diskFull(folder: program.folder) }
        let reason = log.split(separator: "\n").last { $0.contains("error") || $0.contains("FATAL") } ?? "no reason given"
        throw .startFailed(program: words[0], reason: String(reason.prefix(300)), logFile: program.log.path)
    }
}
