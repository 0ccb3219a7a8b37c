package import Vocabulary

/// How the entities of one kind are folded, whatever their types.
package struct StateKind: Sendable {
    package let category: Category
    package let foldVersion: Int32
    private let beginning: @Sendable () -> any StateFold
    private let resuming: @Sendable (Snapshot) throws -> any StateFold

    package init<D: Decider>(_: D.Type) {
        category = D.category
        foldVersion = D.foldVersion
        beginning = { Folded<D>(state: D.initialState, version: .none) }
        resuming = { Folded<D>(state: try CBOR.decode(D.State.self, from: $0.body), version: $0.version) }
    }

    /// A fold before the first event.
    package func begin() -> any StateFold { beginning() }

    /// A fold that goes on behind a snapshot; throws when its body is no state of this kind.
    package func resume(_ snapshot: Snapshot) throws -> any StateFold { try resuming(snapshot) }
}

/// A state and the version of the stream that made it, of some kind of entity.
package protocol StateFold: Sendable {
    var version: StreamVersion { get }

    /// Applies the next event; throws `.corrupt` for one that does not follow and `.unreadable` for one that this release does not know.
    mutating func apply(_ event: RecordedEvent) throws(EventStoreError)

    /// The state, by ``CBOR/encode(_:)``.
    func encoded() throws -> [UInt8]
}

extension Folded: StateFold {
    func encoded() throws -> [UInt8] { try CBOR.encode(state) }
}
