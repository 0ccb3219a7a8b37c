import HTTPAPI
import Logging
import NATSDriver
import PostgresDriver
import Synchronization
import Vocabulary

/// Looks again and again whether the stores answer, so that whoever asks for it waits for nothing and costs them nothing.
final class ReadinessWatch: Sendable {
    private static let interval = Duration.seconds(1)
    /// How old an answer may be: several intervals, and less than what a load balancer waits for.
    private static let patience = Duration.seconds(4)
    /// The log makes partitions some months ahead; when next month's is not there, nobody has made any for long.
    private static let question = """
        select to_regclass(to_char(date_trunc('month', now() at time zone 'UTC') + interval '1 month', '"events_"YYYY_MM')) is not null
        """

    private struct Sight {
        let database: Readiness.Database
        let at: ContinuousClock.Instant
    }

    private let pools: [Region: PostgresPool]
    private let nats: NATSConnection
    private let logger: Logger
    private let seen = Mutex<[Region: Sight]>([:])

    init(pools: [Region: PostgresPool], nats: NATSConnection, logger: Logger) {
        self.pools = pools
        self.nats = nats
        self.logger = logger
    }

    var readiness: Readiness {
        let (seen, now) = (seen.withLock(\.self), ContinuousClock.now)
        var databases = pools.mapValues { _ in Readiness.Database.unreachable }
        for (region, sight) in seen where now - sight.at <= Self.patience { databases[region] = sight.database }
        let main = databases.removeValue(forKey: .main) ?? .unreachable
        return Readiness(database: main, bus: nats.isConnected ? .ok : .unreachable, regions: databases)
    }

    /// Looks until the task is cancelled, at each database for itself: one that hangs is no reason to know nothing of the others.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (region, pool) in pools { group.addTask { try await self.watch(pool, of: region) } }
            try await group.waitForAll()
        }
    }

    private func watch(_ pool: PostgresPool, of region: Region) async throws {
        while true {
            do {
                let hasPartition = try await pool.query(Self.question).first?.bool(0) ?? false
                note(hasPartition ? .ok : .noPartition, of: region, Readiness.Database.noPartition.rawValue)
            } catch { note(.unreachable, of: region, "\(error)") }
            try await Task.sleep(for: Self.interval)
        }
    }

    private func note(_ database: Readiness.Database, of region: Region, _ reason: String) {
        let before = seen.withLock { $0.updateValue(Sight(database: database, at: .now), forKey: region) }
        guard database != .ok, before?.database == .ok else { return }
        let message: Logger.Message = region == .main ? "the server is not ready" : "a region's database is away"
        logger.warning(message, metadata: ["region": "\(region)", "reason": "\(reason)"])
    }
}
