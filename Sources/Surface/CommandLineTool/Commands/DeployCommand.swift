import ArgumentParser
import Domain
import Vocabulary

/// `fastn deploy FILE`: saves a workflow and makes it live.
struct DeployCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy", abstract: "Saves a workflow's file on a server and publishes it, which makes it live.",
        discussion: """
            A workflow of the same slug gets a new version, else one is created. Options that are not given stay as they are, or have the server's \
            defaults.

            \(ExitStatus.help)
            """)

    @Argument(
        help: ArgumentHelp("The workflow, in TypeScript (.ts) or JavaScript (.js).", valueName: "file"), completion: .file(extensions: ["ts", "js"]))
    var file: String
    @Option(help: "The name that people see (the file's name).") var name: String?
    @Option(help: "The name that callers and triggers use (made from the file's name).") var slug: String?
    @Option(help: "How it is run (standard).") var tier: ExecutionTier?
    @Option(help: ArgumentHelp("How long a run may take.", valueName: "seconds")) var timeoutSeconds: Int?
    @Option(help: ArgumentHelp("What it is for.", valueName: "text")) var description: String?
    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Server") var address: ServerAddress

    func run() async throws {
        let source = try await WorkflowSource(reading: file)
        let server = try await address.resolve()
        let slug = slug ?? TextRules.slug(from: source.name)
        guard !slug.isEmpty else { throw CommandFailure.wrongUse("no slug can be made from \(file); give one with --slug") }
        let workflow: DeployedWorkflow
        do {
            workflow = try await APIClient.with(server) { try await Deployment(client: $0, slug: slug, draft: draft(source)).run(source, name: name) }
        } catch let refusal as SourceRefusal {
            throw refusal.show()
        }
        for warning in workflow.warnings { Terminal.err("\(Style.yellow.on(.error, "warning:")) \(warning)\n") }
        output.show(workflow.json(on: server)) { workflow.text(on: server) }
    }

    /// The members that are said on the command line or by the file.
    private func draft(_ source: WorkflowSource) -> JSONObject {
        var draft: JSONObject = ["language": .string(source.language.rawValue), "code": .string(source.code)]
        if let name { draft.append("name", .string(name)) }
        if let tier { draft.append("tier", .string(tier.rawValue)) }
        if let timeoutSeconds { draft.append("timeoutSeconds", .int(timeoutSeconds)) }
        if let description { draft.append("description", .string(description)) }
        return draft
    }
}

extension ExecutionTier: ExpressibleByArgument {}
