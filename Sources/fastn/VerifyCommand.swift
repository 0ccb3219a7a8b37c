import ArgumentParser
import CommandLineTool

/// `fastn verify`: holds what is stored and remembered to the log, and the log to its past.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Checks that nobody has changed the event log, or that every entity is what its events make of it.",
        discussion: """
            Reads the whole log, makes its hash chains anew, and compares them with what is stored and with every exported checkpoint. Needs \
            the public half of the key alone and may run beside the server. Copy the checkpoints to where nobody who can write to the database \
            can: they are what proves that the log was not rewritten as a whole. The first fault is named, and ends with 1.

            With --state every entity is folded from its first event instead and compared, at equal versions, with its snapshot and with the \
            memory of the server that runs, which may be under load. The first difference is named, and ends with 1. The folder of a server that \
            has joined others has no API key: there FASTN_DATA, FASTN_API_KEY and FASTN_SPACE_ID are wanted.

            \(ExitStatus.help)
            """)

    @Flag(help: "Compare states: snapshots and the server's memory with the events.") var state = false
    @Option(help: ArgumentHelp("With --state: entities a second, instead of as many as possible.", valueName: "number")) var rate: Int?
    @Flag(help: "With --state: begin again at the end, until a difference or Ctrl-C.") var follow = false
    @Option(help: "The data folder of the server, in place of FASTN_DATA.") var data: String?
    @Option(help: ArgumentHelp("The database that holds the log, in place of that of the data folder.", valueName: "url")) var database: String?
    @Option(help: ArgumentHelp("The public half of the key (checkpoint.pub in the data folder).", valueName: "file")) var publicKey: String?
    @Option(help: ArgumentHelp("The exported checkpoints (FASTN_CHECKPOINTS, else checkpoints in the data folder).", valueName: "folder"))
    var checkpoints: String?
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let rate, rate < 1 { throw ValidationError("--rate must be 1 or more") }
        if !state, rate != nil || follow { throw ValidationError("--rate and --follow go with --state") }
        if state, publicKey ?? checkpoints != nil { throw ValidationError("--public-key and --checkpoints do not go with --state") }
    }

    func run() async throws {
        if state {
            try await StateVerification(
                databaseURL: database, dataFolder: data, rate: rate, isFollowing: follow, output: output).run()
        } else {
            try await ChainVerification(
                dataFolder: data, database: database, publicKey: publicKey, checkpoints: checkpoints, output: output).run()
        }
    }
}
