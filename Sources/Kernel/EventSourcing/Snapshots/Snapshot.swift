package import Vocabulary

/// A state of an entity as bytes, so that the events before it need not be read.
///
/// Never part of what is true: whoever uses one compares it with the log, and does without when it does not fit.
package struct Snapshot: Hashable, Sendable {
    /// The version of the stream after which the state was this, 1 and up.
    package let version: StreamVersion
    /// Where in its slice that version's event is.
    package let position: Int64
    /// When that event was recorded.
    package let recordedAt: Timestamp
    /// The `Decider.foldVersion` that made it.
    package let foldVersion: Int32
    /// The state, by ``CBOR/encode(_:)``.
    package let body: [UInt8]
    /// Which event set each field, in the form of whoever stores it; nil in snapshots that only save loading time.
    package let provenance: [UInt8]?
    /// The key under which the body is encrypted; nil is the tenant's.
    package let dataKey: DataKeyID?

    package init(
        version: StreamVersion, position: Int64, recordedAt: Timestamp, foldVersion: Int32, body: [UInt8], provenance: [UInt8]? = nil,
        dataKey: DataKeyID? = nil
    ) {
        self.version = version
        self.position = position
        self.recordedAt = recordedAt
        self.foldVersion = foldVersion
        self.body = body
        self.provenance = provenance
        self.dataKey = dataKey
    }
}

/// Keeps snapshots beside the log.
///
/// Two implementations pass one conformance suite: Postgres, and a twin in memory.
package protocol SnapshotStore: Sendable {
    /// The newest snapshot of that fold version, not beyond `version` when one is given; nil when there is none, or it is damaged.
    ///
    /// `withProvenance` leaves out those that have none.
    func latest(
        of address: StreamAddress, foldVersion: Int32, upTo version: StreamVersion?, withProvenance: Bool
    ) async throws(EventStoreError) -> Snapshot?

    /// Keeps a snapshot, and drops what it makes useless: without provenance `Limits.snapshotsPerStream` are kept, the newest ones.
    ///
    /// Snapshots may come in any order: an old one does not displace a newer one, nor one of a lower fold version that of a higher.
    func save(_ snapshot: Snapshot, of address: StreamAddress) async throws(EventStoreError)
}
