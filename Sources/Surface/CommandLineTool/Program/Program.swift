package import ArgumentParser
import Glibc

/// Runs a command line from its words to its exit code.
package enum Program {
    /// Never returns: ends the process as the command ended.
    package static func main<Root: AsyncParsableCommand>(_ root: Root.Type) async -> Never {
        exit(await run(root, Array(CommandLine.arguments.dropFirst())).rawValue)
    }

    /// Parses and runs; says on standard error why it fails, in one line unless the command line itself is wrong.
    static func run<Root: AsyncParsableCommand>(_ root: Root.Type, _ arguments: [String]) async -> ExitStatus {
        do {
            var command = try root.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
            return .done
        } catch let status as ExitStatus {
            return status
        } catch let failure as any ExplainedFailure {
            Terminal.fail(failure.description)
            return failure.exitStatus
        } catch {
            return end(root, error)
        }
    }

    /// What the parser throws is help that was asked for, or a command line that it does not understand; anything else is a failure.
    private static func end<Root: ParsableCommand>(_ root: Root.Type, _ error: any Error) -> ExitStatus {
        switch root.exitCode(for: error) {
        case .success:
            Terminal.out(root.fullMessage(for: error) + "\n")
            return .done
        case .validationFailure:
            Terminal.err(root.fullMessage(for: error) + "\n")
            return .wrongUse
        case let code:
            if !(error is ExitCode) { Terminal.fail("\(error)") }
            return ExitStatus(rawValue: code.rawValue) ?? .failed
        }
    }
}
