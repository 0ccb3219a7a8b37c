import CommandLineTool
import FoundationEssentials
import Vocabulary

/// Finds the databases of an installation for commands that work beside its server.
struct DatabaseAddresses {
    let main: String
    let others: [Region: String]

    /// What the environment says when no folder is named and it names a database, else what the server that runs on the folder says.
    static func find(data: String?) throws -> DatabaseAddresses {
        let environment = ProcessInfo.processInfo.environment
        if data == nil, let url = environment["FASTN_DATABASE_URL"], !url.isEmpty {
            return DatabaseAddresses(main: url, others: try RegionalAddresses.read(environment))
        }
        let folder = data ?? DataFolder.path(environment: environment)
        guard let text = try PrivateFiles.read(Announcement.readyPath(in: folder)), let found = DatabaseAddresses(try JSONValue(parsing: text)) else {
            throw CommandFailure.unreachable("no server runs on the data folder \(folder); start it with fastn serve, or name the folder with --data")
        }
        return found
    }

    init(main: String, others: [Region: String] = [:]) {
        self.main = main
        self.others = others
    }

    /// Reads what ``Announcement`` writes.
    private init?(_ ready: JSONValue) {
        guard let main = ready["databaseURL"]?.string else { return nil }
        var others: [Region: String] = [:]
        for (name, url) in ready["regionalDatabaseURLs"]?.object?.members ?? [] { if let region = Region(name) { others[region] = url.string } }
        self.init(main: main, others: others)
    }
}
