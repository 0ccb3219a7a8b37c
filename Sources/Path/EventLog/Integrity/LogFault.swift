package import Vocabulary

/// The first thing found wrong with the log or with its exported checkpoints.
package struct LogFault: Hashable, Sendable, CustomStringConvertible {
    /// What was done to the log, as far as it shows.
    package enum Kind: String, Sendable {
        /// An entry was changed, and what follows it is as it was.
        case edited
        case deleted
        case inserted
        case reordered
        /// Entries are missing at the end.
        case truncated
        /// From here on the chain is consistent in itself, but not the one that was exported.
        case rewritten
        /// The entry, or the one before it together with its hash, was changed.
        case unchained
        /// The version of an entry is not its rank in its stream.
        case misnumbered
        /// A checkpoint is not signed by the key, or not what the next one names.
        case forged
        /// A checkpoint that must be there is not.
        case missing
    }

    package let kind: Kind
    /// Nil for what concerns a checkpoint alone.
    package let slice: Slice?
    /// Of the first bad entry, or of the first one that may be bad.
    package let position: Int64?
    /// One sentence for a person.
    package let description: String

    init(_ kind: Kind, _ description: String, at slice: Slice? = nil, _ position: Int64? = nil) {
        self.kind = kind
        self.slice = slice
        self.position = position
        self.description = description
    }

    package var json: JSONValue {
        var object: JSONObject = ["kind": .string(kind.rawValue)]
        if let slice { object.append("slice", .int(slice.number)) }
        if let position { object.append("position", .int(position)) }
        object.append("description", .string(description))
        return .object(object)
    }
}

/// A loss that the owner of the key has signed.
package struct AcceptedLoss: Hashable, Sendable, CustomStringConvertible {
    /// The number of the checkpoint that says so, and when it was exported.
    package let checkpoint: Int
    package let at: Timestamp
    package let slice: Slice
    /// The position up to which earlier checkpoints still count.
    package let kept: Int64

    package var description: String { "checkpoint \(checkpoint) of \(at) accepts that slice \(slice) lost what was behind position \(kept)" }

    package var json: JSONValue {
        ["checkpoint": .int(checkpoint), "at": .string("\(at)"), "slice": .int(slice.number), "kept": .int(kept)]
    }
}

/// What a verification has looked at, and what it found.
package struct LogVerification: Sendable {
    package internal(set) var slices = 0
    package internal(set) var events: Int64 = 0
    package internal(set) var checkpoints = 0
    /// When the newest checkpoint was exported; nil when there is none.
    package internal(set) var newestCheckpoint: Timestamp?
    /// Whether the newest checkpoint was exported from a database of another history, of which this one is a copy.
    package internal(set) var isCopy = false
    /// What an operator has accepted to be gone; earlier checkpoints were not held against it.
    package internal(set) var losses: [AcceptedLoss] = []
    /// Regions of the installation that have databases, and logs, of their own.
    package internal(set) var otherRegions: [Region] = []
    /// Nil when all is as it was written.
    package internal(set) var fault: LogFault?
}
