import ArgumentParser
import CommandLineTool

/// `fastn verify`: holds what is stored and remembered to the log.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Checks that every entity is what its events make of it.",
        discussion: """
            With --state every entity is folded from its first event and compared, at equal versions, with its snapshot and with the memory of \
            the server that runs, which may be under load. The first difference is named, and ends with 1.

            \(ExitStatus.help)
            """)

    @Flag(help: "Compare states: snapshots and the server's memory with the events.") var state = false
    @Option(help: ArgumentHelp("With --state: entities a second, instead of as many as possible.", valueName: "number")) var rate: Int?
    @Flag(help: "With --state: begin again at the end, until a difference or Ctrl-C.") var follow = false
    @Option(help: "The data folder of the server, in place of FASTN_DATA.") var data: String?
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard state else { throw ValidationError("say what to verify: --state") }
        if let rate, rate < 1 { throw ValidationError("--rate must be 1 or more") }
    }

    func run() async throws {
        try await StateVerification(
            databaseURL: DatabaseAddress.find(data: data), dataFolder: data, rate: rate, isFollowing: follow, output: output).run()
    }
}
