import EventLog
import EventSourcing
import Logging
import Projections

/// The views of a server's databases, for commands that work beside the server.
enum ViewDatabase {
    /// Runs `body` with the views of the server on that data folder, or of the databases that the environment names.
    static func with(dataFolder: String?, _ body: (Projections) async throws -> Void) async throws {
        try await LogBesideServer.with(databaseURL: nil, dataFolder: dataFolder) { logs in
            try await body(Projections(logs, ownership: SoleOwner(), logger: Logger(label: "fastn")))
        }
    }
}

extension Projections {
    /// The views that lie beside these logs.
    convenience init(_ logs: RegionalLogs, ownership: any SliceOwnership, logger: Logger) {
        self.init(
            logs.logs.map { Database(region: $0.region, store: $0.store, pool: $0.pool, reader: $0.readerPool) }, ownership: ownership,
            logger: logger)
    }
}
