import CommandLineTool
import EventLog
import FoundationEssentials
import PostgresDriver
import Vocabulary

/// Holds the log to its hash chains and to the checkpoints exported from it: `fastn verify`.
struct ChainVerification {
    /// The data folder of the server; nil for the one that the environment names.
    let dataFolder: String?
    /// Named databases, folders and files; nil for those of the data folder.
    let database: String?
    let publicKey: String?
    let checkpoints: String?
    let output: OutputOptions

    /// Ends when all is seen, or with `ExitStatus.failed` at the first fault.
    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let folder = dataFolder ?? DataFolder.path(environment: environment)
        let exported = checkpoints ?? environment[CheckpointFiles.variable].flatMap { $0.isEmpty ? nil : $0 } ?? CheckpointFiles.folder(in: folder)
        let key = try key(publicKey ?? CheckpointFiles.publicKey(in: folder))
        func verify(_ url: String) async throws -> LogVerification {
            try await self.verify(LogVerifier(connectionString: url, checkpoints: exported, publicKey: key))
        }
        let addresses = try database.map { DatabaseAddresses(main: $0) } ?? DatabaseAddresses.find(data: dataFolder)
        let main = try await verify(addresses.main)
        var others: [(region: Region, result: LogVerification)] = []
        for region in database == nil ? main.otherRegions : [] {
            guard let url = addresses.others[region] else { throw RegionalAddresses.failure(.missing(region)) }
            others.append((region, try await verify(url)))
        }
        output.show(main.json(with: others)) { main.text + others.map { "\($0.region): \($0.result.text)" }.joined() }
        if main.fault != nil || others.contains(where: { $0.result.fault != nil }) { throw ExitStatus.failed }
    }

    private func key(_ path: String) throws(CommandFailure) -> [UInt8] {
        do { return try PublicKeyFile(path: path).read() } catch { throw .wrongUse("--public-key: \(error)") }
    }

    private func verify(_ verifier: LogVerifier) async throws -> LogVerification {
        do { return try await verifier.run() } catch let error as PostgresError { throw CommandFailure.unreachable("\(error)") } catch
            let error as CheckpointFolderError
        {
            throw CommandFailure.wrongUse("--checkpoints: \(error)")
        }
    }
}

extension LogVerification {
    /// A line for a person, and one for each thing that he should know beside it.
    fileprivate var text: String {
        let remarks = (isCopy ? ["the newest checkpoint is of the database that this one is a copy of"] : []) + losses.map { "\($0)" }
        return verdict + remarks.map { "\($0)\n" }.joined()
    }

    private var verdict: String {
        if let fault { return "\(Style.red.on(.output, "the log was changed")): \(fault.kind.rawValue): \(fault)\n" }
        let seen = newestCheckpoint.map { "\(counted(checkpoints, "checkpoint")), the newest of \($0)" } ?? "no checkpoint to compare with yet"
        return "\(Style.green.on(.output, "the log is intact")): \(counted(events, "event")) in \(counted(slices, "slice")); \(seen)\n"
    }

    /// The main region's log, with those of others if there are any.
    fileprivate func json(with others: [(region: Region, result: LogVerification)]) -> JSONValue {
        var object = members
        let regions = others.map { other -> JSONValue in
            var object: JSONObject = ["region": .string(other.region.name)]
            for member in other.result.members.members { object.append(member.name, member.value) }
            return .object(object)
        }
        if !regions.isEmpty { object.append("regions", .array(regions)) }
        return .object(object)
    }

    private var members: JSONObject {
        [
            "intact": .bool(fault == nil), "slices": .int(slices), "events": .int(events), "checkpoints": .int(checkpoints),
            "newestCheckpoint": newestCheckpoint.map { .string("\($0)") } ?? .null, "copy": .bool(isCopy),
            "losses": .array(losses.map(\.json)), "fault": fault?.json ?? .null,
        ]
    }
}
