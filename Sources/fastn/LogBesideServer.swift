import CommandLineTool
import EventLog
import FoundationEssentials
import Logging

/// The log of a server's database, for commands that work beside the server.
enum LogBesideServer {
    /// Never prepared: this process must not take the log from the server. Without the key file payloads cannot be read.
    static func open(databaseURL: String, dataFolder: String?) throws -> EventLog {
        let environment = ProcessInfo.processInfo.environment
        let folder = dataFolder ?? DataFolder.path(environment: environment)
        let log = EventLog(
            configuration: EventLogConfiguration(connectionString: databaseURL, keyFile: keyFile(in: folder, environment)), ids: SystemIDs.source,
            logger: Logger(label: "fastn", factory: { StreamLogHandler.standardError(label: $0) }))
        try log.openKeys()
        return log
    }

    /// The file that holds the key of all keys.
    static func keyFile(in dataFolder: String, _ environment: [String: String]) -> String {
        environment["FASTN_VAULT_KEY"].flatMap { $0.isEmpty ? nil : $0 } ?? "\(dataFolder)/vault.key"
    }
}
