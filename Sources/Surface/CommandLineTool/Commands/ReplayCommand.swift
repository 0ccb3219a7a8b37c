import ArgumentParser
import Vocabulary

/// `fastn replay EXECUTION`: whether a finished execution would go the same way again.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Runs a finished execution again from its journal, touching nothing, and says whether it goes the same way.",
        discussion: "Nothing is written and no call leaves the server. A difference ends with 1.\n\n\(ExitStatus.help)")

    /// Calls are answered from the journal, so that what remains is the workflow's own computing.
    private static let timeout = Duration.seconds(120)

    @Argument(help: ArgumentHelp("The id of an execution that completed or failed.", valueName: "execution")) var execution: String
    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Server") var address: ServerAddress

    func run() async throws {
        let id = try runID(execution)
        let report = try await APIClient.with(try await address.resolve()) {
            try await $0.send("POST", "/executions/\(id)/replay", timeout: Self.timeout)
        }
        guard let isSame = report["same"]?.bool else {
            throw CommandFailure.failed("the server answers with something that is no replay; are fastn and its server of one release?")
        }
        output.show(report) { Self.text(isSame: isSame, report) }
        guard isSame else { throw ExitStatus.failed }
    }

    private static func text(isSame: Bool, _ report: JSONValue) -> String {
        let calls = report["calls"]?.integer ?? 0
        let journal = "\(counted(calls, "call")) answered from the journal"
        guard !isSame else { return "\(Style.green.on(.output, "same")): it went the same way, \(journal)\n" }
        return "\(Style.red.on(.output, "different")): \(report["difference"]?.string ?? "the server does not say how")\n"
    }
}
