import ArgumentParser
import CommandLineTool
import EventLog
import FoundationEssentials
import Logging
import PostgresDriver
import Projections
import Vocabulary

/// `fastn projections rebuild`: makes views anew from the log, beside the ones that a running server serves.
struct RebuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild", abstract: "Makes views anew from the event log, while the server runs and serves the old ones.",
        discussion: "Views: \(ProjectionName.allCases.map(\.rawValue).joined(separator: ", ")). Without a name all are rebuilt, one after another.")

    @Argument(help: "The view to rebuild; all when none is named.") var names: [ProjectionName] = []
    @Option(help: "The data folder of the server, in place of FASTN_DATA.") var data: String?
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let names = names.isEmpty ? ProjectionName.allCases : names
        let databaseURL = try databaseURL()
        // Never prepared: this process must not take the log from the server.
        let log = EventLog(
            configuration: EventLogConfiguration(connectionString: databaseURL, keyFile: ""), ids: SystemIDs.source,
            logger: Logger(label: "fastn", factory: { StreamLogHandler.standardError(label: $0) }))
        let projections = Projections(store: log.store, pool: log.pool, reader: log.readerPool, logger: Logger(label: "fastn"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await log.pool.run() }
            defer { group.cancelAll() }
            for name in names { try await rebuild(name, projections) }
        }
        if output.json { Terminal.out(JSONValue.array(names.map { ["projection": .string($0.rawValue), "rebuilt": true] }).text + "\n") }
    }

    private func rebuild(_ name: ProjectionName, _ projections: Projections) async throws {
        let clock = ContinuousClock()
        let duration = try await clock.measure { try await projections.rebuild(name) }
        if !output.json { Terminal.out("\(name.rawValue) rebuilt in \(duration.milliseconds) ms\n") }
    }

    private func databaseURL() throws -> String {
        let environment = ProcessInfo.processInfo.environment
        if data == nil, let url = environment["FASTN_DATABASE_URL"], !url.isEmpty { return url }
        let folder = data ?? DataFolder.path(environment: environment)
        guard let text = try PrivateFiles.read(Announcement.readyPath(in: folder)), let url = try JSONValue(parsing: text)["databaseURL"]?.string
        else {
            throw CommandFailure.unreachable("no server runs on the data folder \(folder); start it with fastn serve, or name the folder with --data")
        }
        return url
    }
}

extension ProjectionName: ExpressibleByArgument {}
