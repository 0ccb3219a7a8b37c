import ArgumentParser
import Domain
import Vocabulary

/// `fastn secrets`: what workflows read with `fastn.secrets.get`.
struct SecretsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secrets", abstract: "Writes, lists and deletes the secrets that workflows read with fastn.secrets.get.",
        discussion: "Values can be written and never be read here.\n\n\(ExitStatus.help)", subcommands: [Set.self, List.self, Delete.self])

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Writes a secret; one of that name is replaced.", discussion: ExitStatus.help)

        @Argument(help: "Letters, digits, -, _ and .") var name: String
        @Argument(help: "The value; without it, or with -, it is read from standard input. Others on this machine can read command lines.")
        var value: String?
        @OptionGroup var output: OutputOptions
        @OptionGroup(title: "Server") var address: ServerAddress

        func run() async throws {
            try checkName(name)
            let server = try await address.resolve()
            let value = if let value, value != "-" { value } else { try await SecretInput.read(name: name) }
            guard !value.isEmpty else { throw CommandFailure.wrongUse("the value of \(name) is empty; to remove a secret use fastn secrets delete") }
            guard value.utf8.count <= Limits.secretBytes else {
                throw CommandFailure.wrongUse("the value of \(name) has \(value.utf8.count) bytes; a secret has at most \(Limits.secretBytes)")
            }
            _ = try await APIClient.with(server) { try await $0.send("PUT", "/secrets/\(name)", body: ["value": .string(value)]) }
            output.show(["name": .string(name), "written": true]) { "\(name) is written\n" }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the names of secrets, newest first.", discussion: ExitStatus.help)

        @OptionGroup var output: OutputOptions
        @OptionGroup(title: "Server") var address: ServerAddress

        func run() async throws {
            let secrets = try await APIClient.with(try await address.resolve()) { try await $0.list("/secrets") }
            output.show(.array(secrets)) {
                secrets.map { "\($0["name"]?.string ?? "")  \(Style.dim.on(.output, $0["updatedAt"]?.string ?? ""))\n" }.joined()
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deletes a secret; workflows that read it fail from then on.", discussion: ExitStatus.help)

        @Argument(help: "The secret's name.") var name: String
        @OptionGroup var output: OutputOptions
        @OptionGroup(title: "Server") var address: ServerAddress

        func run() async throws {
            try checkName(name)
            _ = try await APIClient.with(try await address.resolve()) { try await $0.send("DELETE", "/secrets/\(name)") }
            output.show(["name": .string(name), "deleted": true]) { "\(name) is deleted\n" }
        }
    }
}

/// A name is part of a path, where another one would name something else.
private func checkName(_ name: String) throws(CommandFailure) {
    if let problem = TextRules.key(name, at: "name") { throw .wrongUse("the name of a secret \(problem.message)") }
}
