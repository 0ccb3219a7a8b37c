import CommandLineTool
import EventSourcing
import Vocabulary

/// What a server tells of itself once it serves: to a person on standard output, to programs in `ready.json`.
struct Announcement {
    let settings: ServerSettings
    let installation: Installation
    let servers: Servers
    let baseURL: String

    static func readyPath(in folder: String) -> String { "\(folder)/ready.json" }

    /// Mode 0600: it holds the key and the database's password.
    func writeReadyFile() throws {
        let json: JSONValue = [
            "baseURL": .string(baseURL), "apiKey": .string(installation.apiKey), "spaceID": .id(installation.space),
            "tenantID": .id(installation.tenant), "databaseURL": .string(servers.databaseURL), "natsURL": .string(servers.natsURL),
        ]
        try PrivateFiles.write(json.text + "\n", to: Self.readyPath(in: settings.dataFolder))
    }

    /// Three commands that work as printed.
    var text: String {
        let keyFile = Installation.apiKeyPath(in: settings.dataFolder)
        let key = "-H \"x-fastn-api-key: $(cat \(ShellWord.quoting(keyFile)))\""
        let program = ShellWord.quoting("\(ProgramFolder.path)/fastn")
        return """

            fastn serves \(baseURL)
            the test API key is in \(keyFile) (space \(installation.space), customer \(installation.tenant))

            Try:
              curl -s -X POST \(baseURL)/api/v1/\(DemoSpace.slug) \(key) -H 'content-type: application/json' -d '{"input": {"name": "Ada"}}'
              curl -s \(baseURL)/api/v1/tenants/\(installation.tenant)/executions \(key)
              \(program) logs --data \(ShellWord.quoting(settings.dataFolder))

            Stop with Ctrl-C.

            """
    }
}
