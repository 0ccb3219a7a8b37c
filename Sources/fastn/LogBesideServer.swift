import CommandLineTool
import EventLog
import FoundationEssentials
import Logging
import PostgresDriver
import Vocabulary

/// The logs of a server's databases, for commands that work beside the server.
enum LogBesideServer {
    /// Runs `body` with the logs of all regions; with `databaseURL` that database alone stands for the main region's.
    ///
    /// Never prepared: this process must not take a log from the server. Without the key file payloads cannot be read.
    static func with(
        databaseURL: String?, dataFolder: String?, _ body: (RegionalLogs) async throws -> Void
    ) async throws {
        let environment = ProcessInfo.processInfo.environment
        let folder = dataFolder ?? DataFolder.path(environment: environment)
        func open(_ url: String, _ region: Region) throws -> EventLog {
            var configuration = EventLogConfiguration(connectionString: url, keyFile: keyFile(in: folder, environment))
            configuration.region = region
            let log = EventLog(
                configuration: configuration, ids: SystemIDs.source,
                logger: Logger(label: "fastn", factory: { StreamLogHandler.standardError(label: $0) }))
            try log.openKeys()
            return log
        }
        let addresses = try databaseURL.map { DatabaseAddresses(main: $0) } ?? DatabaseAddresses.find(data: dataFolder)
        let main = try open(addresses.main, .main)
        var others: [Region: EventLog] = [:]
        for (region, url) in addresses.others { others[region] = try open(url, region) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for log in [main] + others.values { group.addTask { try await log.pool.run() } }
            defer { group.cancelAll() }
            guard databaseURL == nil else { return try await body(RegionalLogs(main)) }
            try await body(RegionalAddresses.explaining { try await RegionalLogs.open(main: main, others: others) })
        }
    }

    /// The file that holds the key of all keys.
    static func keyFile(in dataFolder: String, _ environment: [String: String]) -> String {
        environment["FASTN_VAULT_KEY"].flatMap { $0.isEmpty ? nil : $0 } ?? "\(dataFolder)/vault.key"
    }
}
