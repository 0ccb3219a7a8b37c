import HTTPAPI
import Logging
import NATSDriver
import PostgresDriver
import Synchronization

/// Looks again and again whether the stores answer, so that whoever asks for it waits for nothing and costs them nothing.
final class ReadinessWatch: Sendable {
    private static let interval = Duration.seconds(1)
    /// How old an answer may be: several intervals, and less than what a load balancer waits for.
    private static let patience = Duration.seconds(4)
    /// The log makes partitions some months ahead; when next month's is not there, nobody has made any for long.
    private static let question = """
        select to_regclass(to_char(date_trunc('month', now() at time zone 'UTC') + interval '1 month', '"events_"YYYY_MM')) is not null
        """

    private let pool: PostgresPool
    private let nats: NATSConnection
    private let logger: Logger
    private let seen = Mutex<(database: Readiness.Database, at: ContinuousClock.Instant)>((.unreachable, .now))

    init(pool: PostgresPool, nats: NATSConnection, logger: Logger) {
        self.pool = pool
        self.nats = nats
        self.logger = logger
    }

    var readiness: Readiness {
        let (database, time) = seen.withLock { $0 }
        return Readiness(database: .now - time <= Self.patience ? database : .unreachable, bus: nats.isConnected ? .ok : .unreachable)
    }

    /// Looks until the task is cancelled.
    func run() async throws {
        while true {
            await look()
            try await Task.sleep(for: Self.interval)
        }
    }

    private func look() async {
        do {
            let hasPartition = try await pool.query(Self.question).first?.bool(0) ?? false
            note(hasPartition ? .ok : .noPartition, "\(Readiness.Database.noPartition.rawValue)")
        } catch { note(.unreachable, "\(error)") }
    }

    private func note(_ database: Readiness.Database, _ reason: String) {
        let before = seen.withLock { seen in
            defer { seen = (database, .now) }
            return seen.database
        }
        if database != .ok, before == .ok { logger.warning("the server is not ready", metadata: ["reason": "\(reason)"]) }
    }
}
