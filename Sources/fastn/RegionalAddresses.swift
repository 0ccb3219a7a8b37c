import CommandLineTool
import EventLog
import Vocabulary

/// The databases of further regions, as the environment names them: `FASTN_DATABASE_URL_EU_WEST` is that of the region `eu-west`.
enum RegionalAddresses {
    private static let prefix = "FASTN_DATABASE_URL_"

    /// Throws `CommandFailure` for a variable whose end is no region's name.
    static func read(_ environment: [String: String]) throws(CommandFailure) -> [Region: String] {
        var addresses: [Region: String] = [:]
        for (name, url) in environment where name.hasPrefix(prefix) && !url.isEmpty {
            let text = name.dropFirst(prefix.count).lowercased().replacing("_", with: "-")
            guard let region = Region(text) else {
                throw .wrongUse("\(name): \"\(text)\" is no region's name: a letter, then letters, digits and underscores, which become hyphens")
            }
            guard region != .main else { throw .wrongUse("\(name): the database of the region main is that of FASTN_DATABASE_URL") }
            guard addresses.updateValue(url, forKey: region) == nil else { throw .wrongUse("\(name): the region \(region) is named twice") }
        }
        return addresses
    }

    /// Names the variable that is to be set, or that is wrong, when databases do not go together.
    static func explaining<Value>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch let error as RegionError { throw failure(error) }
    }

    static func failure(_ error: RegionError) -> CommandFailure {
        switch error {
        case .missing(let region): .wrongUse("\(variable(of: region)) is not set: \(error)")
        case .otherRegion(let region, _), .otherInstallation(let region), .otherDatabase(let region), .noRoom(let region):
            .wrongUse("\(variable(of: region)): \(error)")
        case .unreadable: .failed("\(error)")
        case .lost(let region, let reason): .failed("\(variable(of: region)): \(reason). \(ServerLogs.lossRemedy)")
        case .unreachable(let region, let reason): .unreachable("\(variable(of: region)): \(reason)")
        }
    }

    private static func variable(of region: Region) -> String {
        region == .main ? "FASTN_DATABASE_URL" : prefix + region.name.uppercased().replacing("-", with: "_")
    }
}
