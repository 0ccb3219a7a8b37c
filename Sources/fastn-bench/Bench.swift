import Cryptography
import EventLog
import EventSourcing
import Glibc
import Logging
import Vocabulary

/// `fastn-bench DATABASE_URL KEY_FILE ENTITIES CALLERS EVENTS SECONDS`: gives commands to entities and prints one JSON object.
///
/// `fastn-bench DATABASE_URL KEY_FILE as-of EVENTS READS` asks for random moments of an entity that has so many events,
/// `… rebuild SECONDS` reads the entities that are there from their events, `… activate ROUNDS` one by one from their snapshots, and
/// `… fill EVENTS` writes entities of 100 events each, ten to a tenant.
/// It takes over the log of the database it is given, which must be one of its own.
@main
struct Bench {
    static func main() async throws {
        let words = CommandLine.arguments
        guard words.count >= 5 else { throw Misuse() }
        var logger = Logger(label: "fastn-bench", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .warning
        let numbers = RandomNumbers()
        let ids = ClosureIDSource(clock: now, random: { numbers.next() })
        let log = EventLog(configuration: EventLogConfiguration(connectionString: words[1], keyFile: words[2]), ids: ids, logger: logger)
        try await log.prepare()
        let report = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await log.run() }
            // A server that was killed has its leases for some seconds more.
            while !Slice.all.allSatisfy(log.leases.holds) { try await Task.sleep(for: .milliseconds(20)) }
            let result = try await measure(Array(words[3...]), log, ids)
            log.stop()
            try await group.waitForAll()
            return Self.report(result.rows, result.times.sorted(), elapsed: result.elapsed)
        }
        report.withCString { text in _ = write(STDOUT_FILENO, text, strlen(text)) }
    }

    /// Rows, the time of each command in seconds, and the time of all.
    private typealias Result = (rows: Int, times: [Double], elapsed: Double)

    private static func measure(_ words: [String], _ log: EventLog, _ ids: any IDSource) async throws -> Result {
        let numbers = words.compactMap { Double($0) }
        switch (words[0], numbers.count) {
        case ("as-of", 2):
            let times = try await AsOfLoad(store: log.store, ids: ids, events: Int(numbers[0]), reads: Int(numbers[1])).run()
            return (times.count, times, times.reduce(0, +))
        case ("fill", 1):
            let begun = ContinuousClock.now
            try await WorkflowLog(store: log.store, ids: ids).fill(events: Int(numbers[0]))
            return (Int(numbers[0]), [], (ContinuousClock.now - begun) / .seconds(1))
        case ("rebuild", 1):
            let result = try await ColdLoad(log: log, ids: ids).rebuild(for: .seconds(numbers[0]))
            return (result.events, [], result.elapsed)
        case ("activate", 1):
            let times = try await ColdLoad(log: log, ids: ids).activate(rounds: Int(numbers[0]))
            return (times.count, times, times.reduce(0, +))
        case (_, 4) where (1...256).contains(numbers[0]) && numbers[1] >= 1 && (1...Double(Limits.eventsPerBatch)).contains(numbers[2]):
            let load = AppendLoad(
                store: log.store, ids: ids, entities: Int(numbers[0]), callersPerEntity: Int(numbers[1]), events: Int(numbers[2]))
            let result = try await load.run(for: .seconds(numbers[3]))
            return (result.times.count * Int(numbers[2]), result.times, result.elapsed)
        default: throw Misuse()
        }
    }

    /// Times in milliseconds.
    private static func report(_ rows: Int, _ times: [Double], elapsed: Double) -> String {
        func quantile(_ share: Double) -> Double { times.isEmpty ? 0 : times[min(Int(Double(times.count) * share), times.count - 1)] * 1000 }
        return "{\"rows\": \(rows), \"seconds\": \(elapsed), \"p50\": \(quantile(0.5)), \"p99\": \(quantile(0.99))}\n"
    }

    private static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}

/// Called with other words than it understands.
struct Misuse: Error, CustomStringConvertible {
    let description =
        """
        usage: fastn-bench DATABASE_URL KEY_FILE \
        (ENTITIES CALLERS EVENTS SECONDS | as-of EVENTS READS | rebuild SECONDS | activate ROUNDS | fill EVENTS)
        """
}
