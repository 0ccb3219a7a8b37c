import Cryptography
import DriverThreads
import EventSourcing
import PostgresDriver
import Vocabulary

/// Reads the log as it is stored, makes its hash chains anew and holds them to the stored hashes and to exported checkpoints.
///
/// Needs the public half of the key alone, and may run beside a server: what is appended meanwhile is checked as far as it is seen.
/// Memory: a page of the log, and 100 bytes for each head in a checkpoint.
package struct LogVerifier: Sendable {
    private let connectionString: String
    private let checkpoints: String
    private let publicKey: [UInt8]

    /// `checkpoints` is the folder that the installation's were exported to, `publicKey` has 32 bytes.
    package init(connectionString: String, checkpoints: String, publicKey: [UInt8]) {
        self.connectionString = connectionString
        self.checkpoints = checkpoints
        self.publicKey = publicKey
    }

    /// Throws `PostgresError` or `CheckpointFolderError` when something cannot be read; a fault found is no error.
    package func run() async throws -> LogVerification {
        try await DedicatedThread.run(name: "log-verify") { () throws in try verify() }
    }

    private func verify() throws -> LogVerification {
        var result = LogVerification()
        let configuration = EventLogConfiguration(connectionString: connectionString, keyFile: "").pooled(.system)
        let connection = try BlockingPostgresConnection(configuration: configuration)
        let region = try InstallationRecord.read(connection)?.region ?? .main
        // The checkpoints first: what they hold must be in the log that is read afterwards.
        let folder = CheckpointFolder(path: CheckpointSettings.folder(of: region, in: checkpoints))
        let checkpoints = try CheckpointHistory(folder, publicKey: publicKey)
        result.checkpoints = checkpoints.count
        result.newestCheckpoint = checkpoints.newest
        result.fault = checkpoints.fault
        result.losses = checkpoints.losses
        if let history = checkpoints.history { result.isCopy = try history != LogHistory.read(connection) }
        result.otherRegions = try RegionMap(connection.execute(RegionMap.sql)).databases.keys.sorted()
        let heads = try Self.heads(connection)
        for slice in Slice.all where result.fault == nil {
            var chain = SliceVerifier(slice, connection, checkpoints: checkpoints.entries[slice] ?? [])
            result.fault = try chain.run(head: heads[slice] ?? 0)
            result.slices += chain.count > 0 ? 1 : 0
            result.events += chain.count
        }
        return result
    }

    private static func heads(_ connection: BlockingPostgresConnection) throws -> [Slice: Int64] {
        var heads: [Slice: Int64] = [:]
        for row in try connection.execute(SliceHeadsQuery.sql) {
            if let slice = Slice(number: try row.int2(0)) { heads[slice] = try row.optionalInt8(1) ?? 0 }
        }
        return heads
    }
}
