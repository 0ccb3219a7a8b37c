import CommandLineTool
import EventLog
import Logging
import PostgresDriver
import Vocabulary

/// The logs of a server's databases.
struct ServerLogs {
    let settings: ServerSettings
    let cluster: ClusterConfiguration
    let logger: Logger

    /// Brings the databases to this release; `mainURL` is the main region's.
    func open(mainURL: String) async throws -> RegionalLogs {
        var others: [Region: EventLog] = [:]
        for (region, url) in settings.regionalDatabaseURLs { others[region] = log(at: url, region) }
        return try await prepare(log(at: mainURL, .main), others)
    }

    static let lossRemedy = "Restore a copy that has them; or go on without them: fastn serve --accept-loss"

    /// A database that somebody else runs is named by its setting when it does not answer.
    private func prepare(_ main: EventLog, _ others: [Region: EventLog]) async throws -> RegionalLogs {
        do {
            return try await RegionalAddresses.explaining { try await RegionalLogs.prepare(main: main, others: others) }
        } catch let error as PostgresError where settings.databaseURL != nil && error.code == .connectionFailed {
            throw CommandFailure.unreachable("FASTN_DATABASE_URL: \(error)")
        } catch let lost as LostEvents {
            throw CommandFailure.failed("\(lost). \(Self.lossRemedy)")
        }
    }

    private func log(at databaseURL: String, _ region: Region) -> EventLog {
        var configuration = EventLogConfiguration(connectionString: databaseURL, keyFile: settings.vaultKeyFile)
        configuration.region = region
        configuration.cluster = cluster
        configuration.acceptsLoss = settings.acceptsLoss
        configuration.checkpoints = CheckpointSettings(
            folder: CheckpointSettings.folder(of: region, in: settings.checkpointFolder), keyFile: CheckpointFiles.secretKey(in: settings.dataFolder),
            publicKeyFile: CheckpointFiles.publicKey(in: settings.dataFolder))
        var logger = logger
        if region != .main { logger[metadataKey: "region"] = "\(region)" }
        return EventLog(configuration: configuration, ids: SystemIDs.source, logger: logger)
    }
}
