package import ArgumentParser

/// The commands of this module, in the order in which `fastn --help` lists them.
package enum FastnCommands {
    /// All that need no composition of the server.
    package static var all: [any ParsableCommand.Type] {
        [
            RunFileCommand.self, DeployCommand.self, SecretsCommand.self, LogsCommand.self, ReplayCommand.self, AsOfCommand.self, HistoryCommand.self,
            DiffCommand.self, EraseCommand.self, StatusCommand.self,
        ]
    }
}
