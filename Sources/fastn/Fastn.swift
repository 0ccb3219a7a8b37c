import ArgumentParser
import CommandLineTool
import HTTPAPI

/// The program.
@main
struct Fastn: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fastn", abstract: "Native integrations for your customers: webhooks in, durable TypeScript workflows, everything on record.",
        discussion: ExitStatus.help, version: Release.version,
        subcommands: [ServeCommand.self, ProjectionsCommand.self, VerifyCommand.self] + FastnCommands.all)

    static func main() async { await Program.main(Fastn.self) }
}
