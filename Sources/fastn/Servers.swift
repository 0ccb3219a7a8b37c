import LocalServers
import Logging

/// The Postgres and the NATS that a server uses: existing ones, or private ones that it starts, watches and stops.
struct Servers: Sendable {
    let databaseURL: String
    let natsURL: String
    private let postgres: PrivatePostgres?
    private let nats: PrivateNATS?

    /// Starts what is not given. Stops again what it started when the rest cannot be.
    static func start(_ settings: ServerSettings, logger: Logger) async throws -> Servers {
        let postgres = settings.databaseURL == nil
            ? PrivatePostgres(configuration: .init(dataFolder: "\(settings.dataFolder)/postgres"), logger: logger) : nil
        let nats = settings.natsURL == nil ? PrivateNATS(configuration: .init(dataFolder: "\(settings.dataFolder)/nats"), logger: logger) : nil
        do {
            let databaseURL = try await postgres?.start().connectionString ?? settings.databaseURL
            let natsURL = try await nats?.start().url ?? settings.natsURL
            return Servers(databaseURL: databaseURL ?? "", natsURL: natsURL ?? "", postgres: postgres, nats: nats)
        } catch {
            await nats?.stop()
            await postgres?.stop()
            throw error
        }
    }

    /// Starts again what dies, until the task is cancelled.
    func watch() async {
        await withTaskGroup(of: Void.self) { group in
            // With both run by others there is nothing to watch, and that is no reason to end.
            group.addTask { await waitForCancellation() }
            if let postgres { group.addTask { await postgres.run() } }
            if let nats { group.addTask { await nats.run() } }
        }
    }

    /// Stops what was started here: the bus first, the database last.
    func stop() async {
        await nats?.stop()
        await postgres?.stop()
    }
}
