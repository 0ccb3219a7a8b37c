import ArgumentParser
import Domain
import Glibc
import Vocabulary

/// `fastn logs`: executions and what they wrote to their console.
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Shows executions, oldest first, each with what it wrote to its console.",
        discussion: """
            With --follow an execution is shown when it has ended or needs attention; Ctrl-C ends with 0. With --json the executions are one array, \
            or with --follow or --execution one object a line.

            \(ExitStatus.help)
            """)

    @Option(help: ArgumentHelp("Only executions of this workflow.", valueName: "slug")) var workflow: String?
    @Option(help: ArgumentHelp("Only this execution.", valueName: "id")) var execution: String?
    @Option(help: "Only executions that stand like this.") var status: RunStatus?
    @Option(help: ArgumentHelp("How many of those that are there already, 1 to \(Limits.pageRows).", valueName: "number")) var limit = 20
    @Flag(name: .shortAndLong, help: "Go on with executions as they end.") var follow = false
    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Server") var address: ServerAddress

    func validate() throws {
        guard (1...Limits.pageRows).contains(limit) else { throw ValidationError("--limit must be between 1 and \(Limits.pageRows)") }
        guard execution == nil || workflow == nil && status == nil else {
            throw ValidationError("--execution names one; leave out --workflow and --status")
        }
    }

    func run() async throws {
        let execution = try execution.map(runID)
        let server = try await address.resolve()
        if follow { signal(SIGINT, endWithoutFailure) }
        try await APIClient.with(server) { client in
            let log = ExecutionLog(client: client, selection: .init(workflow: workflow, status: status, limit: limit), json: output.json)
            if let execution { return try await log.print(execution, follow: follow) }
            if follow { try await log.follow() } else { try await log.print() }
        }
    }
}

/// An execution's id as the command line gives it.
func runID(_ text: String) throws(CommandFailure) -> RunID {
    guard let id = RunID(text) else { throw .wrongUse("\"\(text)\" is not the id of an execution, which has 36 characters; fastn logs shows them") }
    return id
}

/// Ctrl-C is how a person ends what has no end. Everything is written at once, so that nothing is lost.
private func endWithoutFailure(_ signal: Int32) { _exit(ExitStatus.done.rawValue) }

extension RunStatus: ExpressibleByArgument {}
