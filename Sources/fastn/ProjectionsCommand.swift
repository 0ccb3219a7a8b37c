import ArgumentParser

/// `fastn projections`: the views of the log.
struct ProjectionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "projections", abstract: "Looks after the views that are made from the event log.",
        subcommands: [RebuildCommand.self, UnparkCommand.self])
}
