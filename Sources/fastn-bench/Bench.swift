import EventLog
import EventSourcing
import Glibc
import Logging
import Vocabulary

/// `fastn-bench DATABASE_URL KEY_FILE ENTITIES CALLERS SECONDS`: gives commands to entities and prints one JSON object.
///
/// It takes over the log of the database it is given, which must be one of its own.
@main
struct Bench {
    static func main() async throws {
        let words = CommandLine.arguments
        guard words.count == 6, let entities = Int(words[3]), (1...256).contains(entities), let callers = Int(words[4]), callers > 0,
            let seconds = Double(words[5])
        else { throw Misuse() }
        var logger = Logger(label: "fastn-bench", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .warning
        let ids = ClosureIDSource(clock: now, random: { UInt128.random(in: .min ... .max) })
        let log = EventLog(configuration: EventLogConfiguration(connectionString: words[1], keyFile: words[2]), ids: ids, logger: logger)
        try await log.prepare()
        let load = AppendLoad(store: log.store, ids: ids, entities: entities, callersPerEntity: callers)
        let report = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await log.run() }
            let result = try await load.run(for: .seconds(seconds))
            log.stop()
            try await group.waitForAll()
            return Self.report(result.times.sorted(), elapsed: result.elapsed)
        }
        report.withCString { text in _ = write(STDOUT_FILENO, text, strlen(text)) }
    }

    private static func report(_ times: [Double], elapsed: Double) -> String {
        let median = times.isEmpty ? 0 : times[times.count / 2] * 1000
        return "{\"rows\": \(times.count), \"seconds\": \(elapsed), \"p50\": \(median)}\n"
    }

    private static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}

/// Called with other words than it understands.
struct Misuse: Error, CustomStringConvertible {
    let description = "usage: fastn-bench DATABASE_URL KEY_FILE ENTITIES CALLERS SECONDS"
}
