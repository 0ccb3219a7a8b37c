import Cryptography
import DriverThreads
import EventSourcing
import Glibc
import Logging
import PostgresDriver
import Synchronization
package import Vocabulary

/// Writes where the chains of all slices end into a folder outside the database, signed, whenever one has moved.
///
/// It takes them from the writer's memory: what somebody changes in the database meanwhile does not get into a checkpoint.
final class CheckpointExporter: Sendable {
    private struct Identity {
        let key: Ed25519SigningKey
        let history: String
    }

    let heads = ChainHeads()
    private let settings: CheckpointSettings
    private let folder: CheckpointFolder
    private let ids: any IDSource
    private let logger: Logger
    private let identity = Mutex<Identity?>(nil)
    /// One export at a time.
    private let isExporting = Mutex(())

    init(settings: CheckpointSettings, ids: any IDSource, logger: Logger) {
        self.settings = settings
        folder = CheckpointFolder(path: settings.folder)
        self.ids = ids
        self.logger = logger
    }

    /// Opens the key pair, or makes it, and writes its public half beside it; throws `VaultKeyError`. Blocks.
    func open(history: String) throws {
        let file = VaultKeyFile(path: settings.keyFile)
        guard let key = Ed25519SigningKey(seed: try file.read() ?? file.create()) else { throw VaultKeyError.malformed(path: settings.keyFile) }
        try PublicKeyFile(path: settings.publicKeyFile).write(key.publicKey)
        identity.withLock { $0 = Identity(key: key, history: history) }
    }

    /// What the database lacks of the newest checkpoint; nil when it has it all, or there is no checkpoint that the key has signed. Blocks.
    func lost(in connection: BlockingPostgresConnection) throws -> LostEvents? {
        guard let identity = identity.withLock({ $0 }), let newest = try folder.numbers().last,
            let checkpoint = Checkpoint(file: try folder.read(newest), publicKey: identity.key.publicKey)
        else { return nil }
        return try LostEvents(of: checkpoint.slices.map { ($0.slice, $0.position, $0.hash) }, in: connection)
    }

    /// Writes the checkpoint that accepts a loss and begins another history: where the slices end, and how far earlier checkpoints still count.
    ///
    /// To be called before anything is appended. Blocks.
    func begin(_ history: String, accepting lost: LostEvents, _ connection: BlockingPostgresConnection) throws {
        guard let identity = identity.withLock({ $0 }) else { return }
        let next = Identity(key: identity.key, history: history)
        try write(ChainHeads.stored(in: connection), next, losses: lost.gaps.map { Checkpoint.Loss(slice: $0.slice, kept: $0.kept) })
        self.identity.withLock { $0 = next }
    }

    /// Exports in intervals until cancelled.
    func run() async throws {
        while true {
            try await Task.sleep(for: settings.interval)
            await export()
        }
    }

    /// Exports what has moved since the last time. A failure is logged, and the next one has all that this one lacks.
    func export() async {
        await DedicatedThread.run(name: "log-checkpoint") {
            self.isExporting.withLock { _ in
                guard let identity = self.identity.withLock({ $0 }), let heads = self.heads.takeMoved() else { return }
                do { try self.write(heads, identity) } catch {
                    self.heads.putBack()
                    self.logger.error("no checkpoint of the event log was exported", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    private func write(_ heads: [ChainHeads.Head], _ identity: Identity, losses: [Checkpoint.Loss] = []) throws(CheckpointFolderError) {
        let numbers = try folder.numbers()
        let number = (numbers.last ?? 0) + 1
        let anchor = (number - 1) / CheckpointFolder.anchorInterval * CheckpointFolder.anchorInterval
        let checkpoint = Checkpoint(
            number: number, at: ids.now(), history: identity.history, previous: try reference(to: number - 1, among: numbers),
            anchor: try reference(to: anchor, among: numbers),
            slices: heads.map { Checkpoint.Entry(slice: $0.slice, position: $0.link.position, hash: $0.link.hash, epoch: $0.epoch) },
            losses: losses)
        try folder.write(checkpoint.file(signedBy: identity.key), as: number)
        folder.removeOutdated(newest: number)
    }

    /// What the file is counts, not what it should be: a damaged one must not end the exports.
    private func reference(to number: Int, among numbers: [Int]) throws(CheckpointFolderError) -> Checkpoint.Reference? {
        guard numbers.contains(number) else { return nil }
        return Checkpoint.Reference(number: number, file: try folder.read(number))
    }
}

/// Where checkpoints go and what signs them.
package struct CheckpointSettings: Sendable {
    /// The folder outside the database; made when it is missing.
    package var folder: String
    /// The seed of the key pair, in a file that its owner alone reads; made at the first start.
    package var keyFile: String
    /// The public half, 64 hexadecimal digits; whoever verifies needs nothing else.
    package var publicKeyFile: String
    /// How long what is appended may stay without a checkpoint; an export costs a file and two flushes.
    package var interval = Duration.seconds(60)

    package init(folder: String, keyFile: String, publicKeyFile: String) {
        self.folder = folder
        self.keyFile = keyFile
        self.publicKeyFile = publicKeyFile
    }

    /// Where a region's are among those of an installation: the main region's in the folder itself, another one's in a folder of its name there.
    package static func folder(of region: Region, in folder: String) -> String { region == .main ? folder : "\(folder)/\(region)" }
}
