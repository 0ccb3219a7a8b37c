import EventLog
import EventSourcing
import Glibc
import Logging
import Vocabulary

/// `fastn-bench DATABASE_URL KEY_FILE ENTITIES CALLERS SECONDS`: gives commands to entities and prints one JSON object.
///
/// `fastn-bench DATABASE_URL KEY_FILE as-of EVENTS READS` asks for random moments of an entity that has so many events.
/// It takes over the log of the database it is given, which must be one of its own.
@main
struct Bench {
    static func main() async throws {
        let words = CommandLine.arguments
        guard words.count == 6 else { throw Misuse() }
        var logger = Logger(label: "fastn-bench", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .warning
        let ids = ClosureIDSource(clock: now, random: { UInt128.random(in: .min ... .max) })
        let log = EventLog(configuration: EventLogConfiguration(connectionString: words[1], keyFile: words[2]), ids: ids, logger: logger)
        try await log.prepare()
        let report = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await log.run() }
            let result = try await measure(Array(words[3...]), log, ids)
            log.stop()
            try await group.waitForAll()
            return Self.report(result.times.sorted(), elapsed: result.elapsed)
        }
        report.withCString { text in _ = write(STDOUT_FILENO, text, strlen(text)) }
    }

    private static func measure(_ words: [String], _ log: EventLog, _ ids: any IDSource) async throws -> (times: [Double], elapsed: Double) {
        if words[0] == "as-of" {
            guard let events = Int(words[1]), events > 0, let reads = Int(words[2]), reads > 0 else { throw Misuse() }
            let times = try await AsOfLoad(store: log.store, ids: ids, events: events, reads: reads).run()
            return (times, times.reduce(0, +))
        }
        guard let entities = Int(words[0]), (1...256).contains(entities), let callers = Int(words[1]), callers > 0, let seconds = Double(words[2])
        else { throw Misuse() }
        return try await AppendLoad(store: log.store, ids: ids, entities: entities, callersPerEntity: callers).run(for: .seconds(seconds))
    }

    /// Times in milliseconds.
    private static func report(_ times: [Double], elapsed: Double) -> String {
        func quantile(_ share: Double) -> Double { times.isEmpty ? 0 : times[min(Int(Double(times.count) * share), times.count - 1)] * 1000 }
        return "{\"rows\": \(times.count), \"seconds\": \(elapsed), \"p50\": \(quantile(0.5)), \"p99\": \(quantile(0.99))}\n"
    }

    private static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}

/// Called with other words than it understands.
struct Misuse: Error, CustomStringConvertible {
    let description = "usage: fastn-bench DATABASE_URL KEY_FILE (ENTITIES CALLERS SECONDS | as-of EVENTS READS)"
}
