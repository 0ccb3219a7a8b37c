import ArgumentParser
import Domain
import FoundationEssentials
import Vocabulary

/// `fastn run FILE`: one run of a workflow without a server.
struct RunFileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs a workflow's file once, in the real sandbox, without a server.",
        discussion: """
            The result is JSON on standard output; what the workflow writes to its console is on standard error. State and journal are in memory \
            and end with the run.

            \(ExitStatus.help)
            """)

    @Argument(
        help: ArgumentHelp("The workflow, in TypeScript (.ts) or JavaScript (.js).", valueName: "file"), completion: .file(extensions: ["ts", "js"]))
    var file: String
    @Option(parsing: .unconditional, help: ArgumentHelp("What ctx.input is, or - to read it from standard input ({}).", valueName: "json"))
    var input: String?
    @Option(help: ArgumentHelp("What ctx.headers is: an object of names and texts ({}).", valueName: "json"))
    var headers: String?
    @Option(help: ArgumentHelp("A file whose bytes are ctx.rawBody, in place of --input; ctx.input is its JSON, else its text.", valueName: "file"))
    var rawBody: String?
    @Option(help: ArgumentHelp("How long the run may take, such as 500ms, 5s or 2m (30s).", valueName: "time"), transform: TimeLimit.parse)
    var timeout: Duration?
    @Option(help: ArgumentHelp("What fastn.secrets.get finds: NAME=VALUE, or NAME for the environment variable of that name.", valueName: "secret"))
    var secret: [String] = []
    @Flag(help: "Let the workflow call addresses of this machine and its network.")
    var allowPrivateAddresses = false
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let source = try await WorkflowSource(reading: file)
        let local = LocalRun(
            source: source, body: try await body(), headers: try headers.map { try JSONInput.fields(Array($0.utf8), name: "--headers") } ?? [],
            timeout: timeout ?? .seconds(30), secrets: try Self.secrets(secret, environment: ProcessInfo.processInfo.environment),
            allowsPrivateAddresses: allowPrivateAddresses, sandboxPath: "\(ProgramFolder.path)/fastn-sandbox")
        let report: RunReport
        do {
            report = try await local.run { Terminal.err(ConsoleLine.text(level: $0.level, $0.text, on: .error) + "\n") }
        } catch let refusal as SourceRefusal {
            throw refusal.show()
        }
        Terminal.write(report.standardOutput(json: output.json), to: .output)
        Terminal.err(report.standardError)
        guard report.exitStatus == .done else { throw report.exitStatus }
    }

    /// The bytes that start the run.
    private func body() async throws(CommandFailure) -> [UInt8] {
        let bytes: [UInt8]
        switch (input, rawBody) {
        case (_?, _?): throw .wrongUse("--input and --raw-body are two ways to say one thing; give one of them")
        case (nil, nil): return Array("{}".utf8)
        case (nil, let path?): bytes = try await InputBytes.file(path)
        case (let text?, nil):
            bytes = text == "-" ? try await InputBytes.standardInput() : Array(text.utf8)
            _ = try JSONInput.parse(bytes, name: text == "-" ? "standard input" : "--input")
        }
        guard bytes.count <= Limits.bodyBytes else {
            throw .wrongUse("the input has \(bytes.count) bytes; a workflow can be started with at most \(Limits.bodyBytes)")
        }
        return bytes
    }

    /// Reads `NAME=VALUE` and `NAME`; later ones win.
    static func secrets(_ texts: [String], environment: [String: String]) throws(CommandFailure) -> [String: String] {
        var secrets: [String: String] = [:]
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if let problem = TextRules.key(parts[0], at: "--secret") { throw .wrongUse("\(problem.pointer): the name \(problem.message)") }
            guard let value = parts.count == 2 ? parts[1] : environment[parts[0]] else {
                throw .wrongUse("--secret \(parts[0]): there is no such environment variable; set it, or write \(parts[0])=VALUE")
            }
            secrets[parts[0]] = value
        }
        return secrets
    }
}
