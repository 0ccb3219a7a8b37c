import CommandLineTool
import FoundationEssentials
import Vocabulary

/// Finds the database of an installation for commands that work beside its server.
enum DatabaseAddress {
    /// What `FASTN_DATABASE_URL` says when no folder is named, else what the server that runs on the folder says.
    static func find(data: String?) throws -> String {
        let environment = ProcessInfo.processInfo.environment
        if data == nil, let url = environment["FASTN_DATABASE_URL"], !url.isEmpty { return url }
        let folder = data ?? DataFolder.path(environment: environment)
        guard let text = try PrivateFiles.read(Announcement.readyPath(in: folder)), let url = try JSONValue(parsing: text)["databaseURL"]?.string
        else {
            throw CommandFailure.unreachable("no server runs on the data folder \(folder); start it with fastn serve, or name the folder with --data")
        }
        return url
    }
}
