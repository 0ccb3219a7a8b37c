import CommandLineTool
import EventSourcing
import Vocabulary

/// What a server tells of itself once it serves: to a person on standard output, to programs in `ready.json`.
struct Announcement {
    let settings: ServerSettings
    /// Nil on a node that has joined the installation of another.
    let installation: Installation?
    let servers: Servers
    let baseURL: String

    static func readyPath(in folder: String) -> String { "\(folder)/ready.json" }

    /// Mode 0600: it holds the key and the database's password.
    func writeReadyFile() throws {
        let json: JSONValue = [
            "baseURL": .string(baseURL), "apiKey": .optional(installation?.apiKey), "spaceID": installation.map { .id($0.space) } ?? .null,
            "tenantID": installation.map { .id($0.tenant) } ?? .null,
            "databaseURL": .string(servers.databaseURL), "natsURL": .string(servers.natsURL),
            "regionalDatabaseURLs": .object(
                JSONObject(settings.regionalDatabaseURLs.sorted { $0.key < $1.key }.map { (name: $0.key.name, value: .string($0.value)) })),
        ]
        try PrivateFiles.write(json.text + "\n", to: Self.readyPath(in: settings.dataFolder))
    }

    var text: String {
        installation.map(text) ?? """

            fastn serves \(baseURL) as one more node; the API keys are those of the installation that it has joined

            Stop with Ctrl-C.

            """
    }

    /// Three commands that work as printed.
    private func text(_ installation: Installation) -> String {
        let keyFile = Installation.apiKeyPath(in: settings.dataFolder)
        let key = "-H \"x-fastn-api-key: $(cat \(ShellWord.quoting(keyFile)))\""
        // Named, since the first request goes on working when there are several customers.
        let customer = "-H 'x-fastn-space-tenantid: \(installation.tenant)'"
        let body = "-H 'content-type: application/json' -d '{\"input\": {\"name\": \"Ada\"}}'"
        let program = ShellWord.quoting("\(ProgramFolder.path)/fastn")
        return """

            fastn serves \(baseURL)
            the test API key is in \(keyFile) (space \(installation.space), customer \(installation.tenant))

            Try:
              curl -s -X POST \(baseURL)/api/v1/\(DemoSpace.slug) \(key) \(customer) \(body)
              curl -s \(baseURL)/api/v1/tenants/\(installation.tenant)/executions \(key)
              \(program) logs --data \(ShellWord.quoting(settings.dataFolder))

            Stop with Ctrl-C.

            """
    }
}
