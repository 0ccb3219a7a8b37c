import CommandLineTool
import EventLog
import Logging
import PostgresDriver
import Projections

/// The views of a server's database, for commands that work beside the server.
enum ViewDatabase {
    /// Runs `body` with the views of the server on that data folder, or of the database that the environment names.
    static func with(dataFolder: String?, _ body: (Projections) async throws -> Void) async throws {
        let log = try LogBesideServer.open(databaseURL: DatabaseAddress.find(data: dataFolder), dataFolder: dataFolder)
        let projections = Projections(store: log.store, pool: log.pool, reader: log.readerPool, logger: Logger(label: "fastn"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await log.pool.run() }
            defer { group.cancelAll() }
            try await body(projections)
        }
    }
}
