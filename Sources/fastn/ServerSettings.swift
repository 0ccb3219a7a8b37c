import CommandLineTool
import Logging
import Vocabulary

/// What `fastn serve` is told by its environment; everything has a default.
struct ServerSettings: Sendable {
    /// `FASTN_DATA`: the folder that holds everything this installation keeps on disk.
    let dataFolder: String
    /// `FASTN_VAULT_KEY`: the file with the key of all secrets, the same for all nodes of an installation.
    let vaultKeyFile: String
    /// `FASTN_CHECKPOINTS`: the folder that signed checkpoints of the log are exported to.
    let checkpointFolder: String
    /// `FASTN_LISTEN`: where the API listens, `host:port`; port 0 picks a free one.
    let host: String
    let port: Int
    /// `FASTN_PUBLIC_URL`: where the world reaches the API, for webhook URLs; the listening address when not given.
    let publicURL: String?
    /// `FASTN_DATABASE_URL`: an existing Postgres 15 or newer in place of a private one.
    let databaseURL: String?
    /// `FASTN_DATABASE_URL_<REGION>`: an existing Postgres for each further region.
    let regionalDatabaseURLs: [Region: String]
    /// `FASTN_NATS_URL`: an existing NATS server with JetStream in place of a private one.
    let natsURL: String?
    /// `FASTN_ALLOW_PRIVATE_ADDRESSES`: `1` lets workflows call addresses of the private network.
    let allowsPrivateAddresses: Bool
    /// `FASTN_LOG`: least level that is logged, `info`.
    let logLevel: Logger.Level
    /// `FASTN_SANDBOXES`: processes that run customers' code at once.
    let sandboxes: Int
    /// `--accept-loss`: whether to go on without events that were acknowledged.
    var acceptsLoss = false

    /// Throws `CommandFailure` with one line that names the variable and the remedy.
    init(environment: [String: String]) throws {
        dataFolder = Self.absolute(DataFolder.path(environment: environment))
        vaultKeyFile = Self.absolute(LogBesideServer.keyFile(in: dataFolder, environment))
        checkpointFolder = Self.absolute(environment[CheckpointFiles.variable].filled ?? CheckpointFiles.folder(in: dataFolder))
        (host, port) = try Self.address(environment["FASTN_LISTEN"].filled ?? "127.0.0.1:8080")
        publicURL = environment["FASTN_PUBLIC_URL"].filled.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        databaseURL = environment["FASTN_DATABASE_URL"].filled
        regionalDatabaseURLs = try RegionalAddresses.read(environment)
        natsURL = environment["FASTN_NATS_URL"].filled
        allowsPrivateAddresses = ["1", "true", "yes"].contains(environment["FASTN_ALLOW_PRIVATE_ADDRESSES"]?.lowercased() ?? "")
        logLevel = try Self.level(environment["FASTN_LOG"].filled ?? "info")
        sandboxes = try Self.number(environment["FASTN_SANDBOXES"].filled ?? "8", in: 1...1000, name: "FASTN_SANDBOXES")
    }

    /// Where this machine reaches ``host``. An IPv6 address stands between brackets. Source: RFC 3986, 3.2.2.
    var hostInURL: String {
        switch host {
        case "0.0.0.0": "127.0.0.1"
        case "::": "[::1]"
        case let host: host.contains(":") ? "[\(host)]" : host
        }
    }

    private static func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(WorkingFolder.path)/\(path)" }

    private static func address(_ text: String) throws -> (String, Int) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port) else {
            throw CommandFailure.wrongUse("FASTN_LISTEN is \"\(text)\"; it must be host:port, such as 127.0.0.1:8080")
        }
        let host = text[..<colon].trimming { $0 == "[" || $0 == "]" }
        return (host.isEmpty ? "0.0.0.0" : host, port)
    }

    private static func level(_ text: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: text.lowercased()) else {
            let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandFailure.wrongUse("FASTN_LOG is \"\(text)\"; it must be one of \(levels)")
        }
        return level
    }

    private static func number(_ text: String, in range: ClosedRange<Int>, name: String) throws -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw CommandFailure.wrongUse("\(name) is \"\(text)\"; it must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}

extension Optional<String> {
    /// Nil for an empty text too: an empty variable is an unset one.
    fileprivate var filled: String? { flatMap { $0.isEmpty ? nil : $0 } }
}

extension Substring {
    fileprivate func trimming(_ isTrimmed: (Character) -> Bool) -> String {
        String(drop(while: isTrimmed).reversed().drop(while: isTrimmed).reversed())
    }
}
