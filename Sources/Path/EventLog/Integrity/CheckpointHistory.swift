import Cryptography
import Vocabulary

/// All exported checkpoints, each proved by its signature and by what the later ones say of it.
struct CheckpointHistory {
    /// What a checkpoint holds a slice to.
    struct Entry {
        let position: Int64
        let hash: [UInt8]
        /// Of the first checkpoint that has it.
        let number: Int
    }

    /// By slice, with growing positions; a head that did not move is there once.
    private(set) var entries: [Slice: [Entry]] = [:]
    private(set) var count = 0
    private(set) var newest: Timestamp?
    /// The history that the newest one is of; nil when there is none.
    private(set) var history: String?
    /// Losses that were accepted, in the order of their checkpoints.
    private(set) var losses: [AcceptedLoss] = []
    /// The first file that is not what it was, or not there.
    private(set) var fault: LogFault?

    init(_ folder: CheckpointFolder, publicKey: [UInt8]) throws(CheckpointFolderError) {
        let numbers = try folder.numbers()
        guard let last = numbers.last else { return }
        var digests: [Int: String] = [:]
        for number in numbers where fault == nil {
            let file = try folder.read(number)
            guard let checkpoint = Checkpoint(file: file, publicKey: publicKey), checkpoint.number == number else {
                fault = LogFault(.forged, "checkpoint \(number) is not what the owner of the key has signed (\(folder.file(number)))")
                return
            }
            check(checkpoint, digests, last: last)
            digests[number] = SHA256.hash(file).hex
            add(checkpoint)
        }
    }

    /// Looks at what the checkpoint says of those before it.
    private mutating func check(_ checkpoint: Checkpoint, _ digests: [Int: String], last: Int) {
        let isPreviousKept = checkpoint.number > 1 && checkpoint.number - 1 > last - CheckpointFolder.keptFiles
        if isPreviousKept, checkpoint.previous == nil || digests[checkpoint.number - 1] == nil {
            fault = LogFault(.missing, "checkpoint \(checkpoint.number - 1) is not there")
        }
        for reference in [checkpoint.anchor, checkpoint.previous].compactMap({ $0 }) where fault == nil {
            switch digests[reference.number] {
            case reference.sha256: continue
            case nil where reference == checkpoint.previous && !isPreviousKept: continue
            case nil: fault = LogFault(.missing, "checkpoint \(reference.number) is not there, but checkpoint \(checkpoint.number) names it")
            default: fault = LogFault(.forged, "checkpoint \(reference.number) is not the one that checkpoint \(checkpoint.number) names")
            }
        }
    }

    private mutating func add(_ checkpoint: Checkpoint) {
        count += 1
        newest = checkpoint.at
        history = checkpoint.history
        for loss in checkpoint.losses {
            losses.append(AcceptedLoss(checkpoint: checkpoint.number, at: checkpoint.at, slice: loss.slice, kept: loss.kept))
            entries[loss.slice]?.removeAll { $0.position > loss.kept }
        }
        for head in checkpoint.slices {
            let before = entries[head.slice]?.last
            if before?.position == head.position, before?.hash == head.hash { continue }
            entries[head.slice, default: []].append(Entry(position: head.position, hash: head.hash, number: checkpoint.number))
        }
    }
}
