import Glibc
import Vocabulary

/// What a server that runs says of itself to programs, in `ready.json` of its data folder.
struct ReadyFile: Sendable, Hashable {
    let folder: String
    let baseURL: String
    let apiKey: String?
    let space: String?
    let tenant: String?

    /// Throws ``CommandFailure`` that says what to do when no server runs there.
    init(in folder: String) async throws(CommandFailure) {
        let path = "\(folder)/ready.json"
        guard access(path, F_OK) == 0 || errno == EACCES else {
            throw .unreachable("no server runs on \(folder); start it with fastn serve, or name another with --data or --url")
        }
        guard access(path, R_OK) == 0 else {
            throw .unreachable("\(path) may be read by its owner alone; run fastn as that user, or give --url, --api-key and --tenant")
        }
        // A file that is not JSON is reported below like one without an address.
        let json = (try? JSONValue(parsing: await InputBytes.file(path))) ?? .null
        guard let baseURL = json["baseURL"]?.string else {
            throw .unreachable("\(path) does not name a server; start it again with fastn serve, or give --url, --api-key and --tenant")
        }
        self.folder = folder
        self.baseURL = baseURL
        apiKey = json["apiKey"]?.string
        space = json["spaceID"]?.string
        tenant = json["tenantID"]?.string
    }
}
