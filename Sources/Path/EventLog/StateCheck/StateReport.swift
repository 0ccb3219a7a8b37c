package import EventSourcing
package import Vocabulary

/// What a check of states has seen.
package struct StateReport: Sendable {
    package var entities = 0
    package var events = 0
    /// Entities of which a snapshot was compared.
    package var snapshots = 0
    /// Entities of which the state in a server's memory was compared.
    package var live = 0
    /// The first difference; nil while all is equal.
    package var difference: StateDifference?

    package init() {}
}

/// An entity that is not what its events make of it.
package struct StateDifference: Hashable, Sendable, CustomStringConvertible {
    /// What differs from the state that is folded from the first event.
    package enum Source: String, Sendable {
        case snapshot
        case snapshotAndTail = "snapshot and tail"
        case memory
    }

    package let address: StreamAddress
    /// The version of the stream at which both should be equal.
    package let version: StreamVersion
    package let source: Source
    /// Where the states differ first, as a JSON pointer; empty for the whole, nil when it could not be told.
    package var field: String?

    package var description: String {
        let place = field.map { $0.isEmpty ? " as a whole" : " at \($0)" } ?? ""
        return "\(address.category) \(address.stream) of tenant \(address.tenant), version \(version): \(source.rawValue) and events differ\(place)"
    }
}
