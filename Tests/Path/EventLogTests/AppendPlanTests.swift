import EventLog
import EventSourcing
import EventStoreConformance
import Glibc
import PostgresDriver
import PostgresTestKit
import Testing
import Vocabulary

@Suite struct `Plans inside an append` {
    @Test(arguments: [true, false])
    func `go by indexes and sort no stored rows, whether the tables are empty or filled`(_ isFilled: Bool) async throws {
        try await withEmptyLog { database, configuration in
            try await administrate(database) { connection in
                if isFilled {
                    _ = try connection.execute("select ensure_event_partitions(0)")
                    try connection.script(LogFiller.script + LogFiller.heads)
                }
                try connection.script(ServerPlans.settings(of: database))
            }
            let log = EventLog(configuration: configuration, ids: SystemIDs(), logger: silentLogger)
            try await log.prepare()
            try await withRunning(log) { try await useEveryPath(of: log) }
            let plans = try ServerPlans.read(of: database, application: "fastn log").filter { $0.query.contains("unnest(") }
            #expect(plans.contains { $0.hasNode("Insert on events") } && plans.contains { $0.query.contains("reservations") })
            for plan in plans {
                #expect(!plan.hasNode("Seq Scan on"), "\(plan)")
                #expect(!plan.sortsStoredRows, "\(plan)")
            }
        }
    }

    /// Alone and in groups; first and later events, marks, names, work and values; repeated, refused and sent again.
    private func useEveryPath(of log: EventLog) async throws {
        let fixture = ConformanceFixture(store: log.store)
        _ = try await atOnce(40) {
            let stream = fixture.stream()
            var batch = fixture.batch(stream, .none, count: 2)
            batch.marks = ["mark"]
            batch.reservations = [Reservation(scope: stream.tenant, kind: "sample.name", key: "name")]
            batch.work = .asks(.run, .p2, due: nil)
            batch.stateWrites = [StateWrite(scope: stream.stream.recast(), key: "key", value: [1])]
            try await fixture.append(batch)
            _ = try await fixture.store.append(batch)
            _ = try await fixture.store.append(fixture.batch(stream, .none))
            var second = fixture.batch(stream, .exactly(StreamVersion(2)))
            second.releases = batch.reservations
            second.work = .done
            try await fixture.append(second)
        }
        try await fixture.append(fixture.batch(fixture.stream(), .none))
    }
}

/// A plan that the server wrote into its log.
private struct ServerPlan: CustomStringConvertible {
    let query: String
    /// The nodes and what belongs to them, by indentation.
    let lines: [String]

    var description: String { "\(query)\n\(lines.joined(separator: "\n"))" }

    func hasNode(_ text: String) -> Bool { lines.contains { $0.contains(text) } }

    /// Whether what a sort orders comes straight from a table, and not from the rows of the call, each with what was found for it.
    var sortsStoredRows: Bool {
        lines.indices.contains { index in
            guard lines[index].contains("Sort  ("), let input = lines[(index + 1)...].first(where: { $0.contains("->") }) else { return false }
            return input.contains("Append  (") || input.contains(" on events")
        }
    }
}

/// Has the server write the plans of all statements, those inside functions too. Source: PostgreSQL manual, "auto_explain".
private enum ServerPlans {
    static func settings(of database: TestDatabase) -> String {
        [
            "session_preload_libraries = 'auto_explain'", "auto_explain.log_min_duration = 0", "auto_explain.log_nested_statements = on",
        ].map { "alter database \(database.name) set \($0);" }.joined()
    }

    static func read(of database: TestDatabase, application: String) throws -> [ServerPlan] {
        var plans: [ServerPlan] = []
        var current: [String]?
        for line in try text(of: database.serverLog).split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("\t") {
                current?.append(String(line.dropFirst()))
                continue
            }
            if let current { plans.append(plan(current)) }
            current = line.hasPrefix("\(database.name)/\(application)/LOG:  duration:") ? [] : nil
        }
        if let current { plans.append(plan(current)) }
        return plans
    }

    /// The statement comes first and may have many lines; the first node is the first line with its costs.
    private static func plan(_ lines: [String]) -> ServerPlan {
        let start = lines.firstIndex { $0.contains("  (cost=") } ?? lines.endIndex
        return ServerPlan(query: lines[..<start].joined(separator: " "), lines: Array(lines[start...]))
    }

    private static func text(of path: String) throws -> String {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
