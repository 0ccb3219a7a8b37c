import ArgumentParser
import CommandLineTool
import Projections
import Vocabulary

/// `fastn projections rebuild`: makes views anew from the log, beside the ones that a running server serves.
struct RebuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild", abstract: "Makes views anew from the event log, while the server runs and serves the old ones.",
        discussion: """
            Views: \(ProjectionName.allCases.map(\.rawValue).joined(separator: ", ")). Without a name all are rebuilt, one after another. \
            Streams that a view has put aside are taken in; an event that still cannot be applied ends the rebuild, and the old view stays.
            """)

    @Argument(help: "The view to rebuild; all when none is named.") var names: [ProjectionName] = []
    @Option(help: "The data folder of the server, in place of FASTN_DATA.") var data: String?
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let names = names.isEmpty ? ProjectionName.allCases : names
        var rebuilt: [JSONValue] = []
        try await ViewDatabase.with(dataFolder: data) { projections in
            for name in names {
                let duration = try await ContinuousClock().measure { try await projections.rebuild(name) }
                rebuilt.append(["projection": .string(name.rawValue), "rebuilt": true, "milliseconds": .int(duration.milliseconds)])
                if !output.json { Terminal.out("\(name.rawValue) rebuilt in \(duration.milliseconds) ms\n") }
            }
        }
        if output.json { Terminal.out(JSONValue.array(rebuilt).text + "\n") }
    }
}

extension ProjectionName: ExpressibleByArgument {}
