import Glibc

/// What differs between the servers we start: their files, their command line, how they say that they are ready, how they stop.
///
/// All of it runs on the supervisor's thread and may block for as long as a small file or a short child takes.
protocol ServerProgram: Sendable {
    /// The name in messages.
    var name: String { get }
    /// Everything the server and we keep about it; absolute.
    var folder: String { get }
    /// The port asked for; 0 lets the supervisor pick one and keep it.
    var port: Int { get }
    /// Signals that ask the server to end, mildest first, with the patience after each.
    var stopSignals: [StopSignal] { get }

    /// Makes the data folder fit for a start; `account` is what the server will run as.
    func prepare(as account: ServerAccount) throws(LocalServerError)
    /// The folder whose owner decides the account the server runs as.
    var dataFolder: String { get }
    /// The command that becomes the server, listening on `port`.
    func command(port: Int, as account: ServerAccount) throws(LocalServerError) -> Command
    /// Whether the server with this process id answers on `port`.
    func isReady(processID: pid_t, port: Int) -> Bool
    /// A process of an earlier start that our own pid file may not know of.
    func unrecordedOrphan() -> ProcessIdentity?
    /// The error that these lines of the server's log stand for, or `nil` when they say nothing we know.
    func diagnosis(of log: String) -> LocalServerError?
}

/// A signal, and how long to wait for its effect.
struct StopSignal: Sendable {
    let number: Int32
    let patience: Duration
}

extension ServerProgram {
    /// The server's own messages.
    var log: ServerLog { ServerLog(path: folder + "/server.log") }

    /// Which process serves this folder; written at every start.
    var processFile: String { folder + "/pid" }

    /// The port of the last start, so that a restart keeps it.
    var portFile: String { folder + "/port" }

    /// A secret of 192 random bits, kept in `file` (mode 0600) from the first start on.
    func secret(in file: String) throws(LocalServerError) -> String {
        if let kept = Files.read(file), kept.utf8.count == 48 { return kept }
        var generator = SystemRandomNumberGenerator()
        let words = (0..<3).map { _ in generator.next() as UInt64 }
        let secret = words.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
        try Files.write(secret, to: file)
        return secret
    }
}
