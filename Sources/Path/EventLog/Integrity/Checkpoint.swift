import Cryptography
import Vocabulary

/// Where the chains of all slices ended at a moment, signed: what is kept outside the database to hold it to its past.
///
/// Two lines: a JSON document, and the Ed25519 signature of its bytes in Base64.
struct Checkpoint: Sendable {
    struct Entry: Hashable, Sendable {
        let slice: Slice
        let position: Int64
        let hash: [UInt8]
        let epoch: Int64
    }

    /// An earlier file, named by its content.
    struct Reference: Hashable, Sendable {
        let number: Int
        let sha256: String
    }

    /// Counts from 1 without a gap.
    let number: Int
    let at: Timestamp
    /// Which installation of the database this is; changes when it is restored from a backup.
    let history: String
    /// The file before.
    let previous: Reference?
    /// The newest file before that is kept for good.
    let anchor: Reference?
    let slices: [Entry]
    /// Slices that earlier checkpoints hold to what was lost since, with the positions up to which they still count: the owner of the key has
    /// accepted the loss. Empty but in the first checkpoint of a history that began with one.
    let losses: [Loss]

    /// Where a slice was cut off.
    struct Loss: Hashable, Sendable {
        let slice: Slice
        let kept: Int64
    }

    private static let format = 1

    /// The content of the file.
    func file(signedBy key: Ed25519SigningKey) -> [UInt8] {
        let line = json.encoded
        return line + Array("\n\(Base64.encode(key.signature(of: line), .standard))\n".utf8)
    }

    private var json: JSONValue {
        var object: JSONObject = [
            "format": .int(Self.format), "number": .int(number), "at": .string("\(at)"), "history": .string(history),
            "previous": previous?.json ?? .null, "anchor": anchor?.json ?? .null, "slices": .array(slices.map(\.json)),
        ]
        if !losses.isEmpty { object.append("losses", .array(losses.map(\.json))) }
        return .object(object)
    }

    /// Reads a file back; nil when it is not one that the owner of the public key has signed.
    init?(file: [UInt8], publicKey: [UInt8]) {
        let lines = file.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count == 3, lines[2].isEmpty, let signature = Base64.decode(String(decoding: lines[1], as: UTF8.self), .standard),
            Ed25519.isValid(signature, of: lines[0], publicKey: publicKey)
        else { return nil }
        // What its owner has signed is JSON of this form; anything else is another program's and as good as none.
        guard let json = try? JSONValue(parsing: Array(lines[0])), json["format"]?.integer == Self.format, let number = json["number"]?.integer,
            let at = json["at"]?.string.flatMap({ Timestamp($0) }), let history = json["history"]?.string, let slices = json["slices"]?.array
        else { return nil }
        let entries = slices.compactMap(Entry.init(json:))
        let losses = json["losses"]?.array ?? []
        let accepted = losses.compactMap(Loss.init(json:))
        guard entries.count == slices.count, accepted.count == losses.count else { return nil }
        self.number = number
        self.at = at
        self.history = history
        previous = Reference(json: json["previous"])
        anchor = Reference(json: json["anchor"])
        self.slices = entries
        self.losses = accepted
    }

    init(number: Int, at: Timestamp, history: String, previous: Reference?, anchor: Reference?, slices: [Entry], losses: [Loss]) {
        self.number = number
        self.at = at
        self.history = history
        self.previous = previous
        self.anchor = anchor
        self.slices = slices
        self.losses = losses
    }
}

extension Checkpoint.Entry {
    fileprivate var json: JSONValue {
        ["slice": .int(slice.number), "position": .int(position), "hash": .string(Hex.encode(hash)), "epoch": .int(epoch)]
    }

    fileprivate init?(json: JSONValue) {
        guard let slice = json["slice"]?.integer.flatMap({ Slice(number: Int16(truncatingIfNeeded: $0)) }), let position = json["position"]?.integer,
            let hash = json["hash"]?.string.flatMap({ Hex.decode($0) }), let epoch = json["epoch"]?.integer
        else { return nil }
        self.init(slice: slice, position: Int64(position), hash: hash, epoch: Int64(epoch))
    }
}

extension Checkpoint.Loss {
    fileprivate var json: JSONValue { ["slice": .int(slice.number), "kept": .int(kept)] }

    fileprivate init?(json: JSONValue) {
        guard let slice = json["slice"]?.integer.flatMap({ Slice(number: Int16(truncatingIfNeeded: $0)) }), let kept = json["kept"]?.integer else {
            return nil
        }
        self.init(slice: slice, kept: Int64(kept))
    }
}

extension Checkpoint.Reference {
    init(number: Int, file: [UInt8]) { self.init(number: number, sha256: SHA256.hash(file).hex) }

    fileprivate var json: JSONValue { ["number": .int(number), "sha256": .string(sha256)] }

    fileprivate init?(json: JSONValue?) {
        guard let number = json?["number"]?.integer, let sha256 = json?["sha256"]?.string else { return nil }
        self.init(number: number, sha256: sha256)
    }
}
