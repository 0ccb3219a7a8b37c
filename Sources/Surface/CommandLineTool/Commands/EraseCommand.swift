import ArgumentParser
import Vocabulary

/// `fastn erase`: makes a person's data, or all of a customer's, unreadable for good.
struct EraseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase", abstract: "Erases the data of one person, or all data of a customer, by destroying its key.",
        discussion: """
            A trigger says with its member "subject" where in a payload the person stands; what such a payload led to is encrypted under a key \
            of his own. With --everything all payloads, results and secrets of the tenant go, and it takes no more events. Afterwards the event \
            log still verifies and shows {"erased":true} in the place of the data. It cannot be taken back.

            \(ExitStatus.help)
            """)

    @Argument(help: "The person as payloads name him, such as an email address, to the letter; - reads it from standard input.") var subject: String?
    @Flag(help: "Erase all data of the tenant, everybody's.") var everything = false
    @Option(help: "Why, for the audit log; it must not name the person.") var reason: String
    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Server") var address: ServerAddress

    func validate() throws {
        if (subject != nil) == everything { throw ValidationError("name a person, or give --everything, but not both") }
        if reason.isEmpty { throw ValidationError("--reason must not be empty") }
    }

    func run() async throws {
        let server = try await address.resolve()
        var body: JSONObject = ["reason": .string(reason)]
        if everything { body.append("everything", true) }
        if let subject { body.append("subject", .string(subject == "-" ? try await SecretInput.read(name: "the person") : subject)) }
        let erasure = try await APIClient.with(server) { try await $0.send("POST", "/erasures", body: .object(body)) }
        output.show(erasure) { Self.text(erasure) }
    }

    private static func text(_ erasure: JSONValue) -> String {
        let whose = erasure["scope"]?.string == "tenant" ? "all data of tenant \(erasure["tenantId"]?.string ?? "?")" : "the person's data"
        return "\(Style.green.on(.output, "erased")): \(whose); fastn history erasure \(erasure["id"]?.string ?? "?") tells of it\n"
    }
}
