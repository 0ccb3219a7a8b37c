package import Vocabulary

/// Jobs as rows of the log's database: ready until the batch that holds their outcome is committed.
package protocol WorkQueue: Sendable {
    /// Ready jobs whose time has come, oldest first in each lane, at most `limitPerLane` a lane.
    func readyJobs(limitPerLane: Int) async throws(EventStoreError) -> [Job]

    /// The job of a stream; nil when it has none, or none any more.
    func job(of stream: StreamID, in slice: Slice) async throws(EventStoreError) -> Job?
}

/// A piece of work that is ready; a stream has at most one.
package struct Job: Hashable, Sendable {
    /// The stream whose event asked for it, and whose next event is its outcome.
    package let stream: StreamID
    package let kind: WorkKind
    package let lane: Lane
    package let tenant: TenantID
    package let due: Timestamp

    package init(stream: StreamID, kind: WorkKind, lane: Lane, tenant: TenantID, due: Timestamp) {
        self.stream = stream
        self.kind = kind
        self.lane = lane
        self.tenant = tenant
        self.due = due
    }

    package var slice: Slice { Slice(of: tenant) }
}

/// Reads `fastn.state`; writes go with the journal entry that reports them.
package protocol StateReader: Sendable {
    /// JSON bytes of a value of a tenant that has not expired, or nil.
    func stateValue(scope: StateScopeID, key: String, tenant: TenantID) async throws(EventStoreError) -> [UInt8]?
}

/// Opens encrypted records; the log holds only their ids.
package protocol SecretVault: Sendable {
    /// Encrypts a value and stores it under a new id, bound to tenant and name.
    func seal(_ value: [UInt8], tenant: TenantID, name: String) async throws -> SecretID
    /// The value; throws `.missing` for an id that was never sealed for that tenant and name.
    func open(_ id: SecretID, tenant: TenantID, name: String) async throws -> [UInt8]
}

/// Why a secret could not be stored or read; never says anything of the value.
package enum VaultError: Error, Hashable, Sendable, CustomStringConvertible {
    case missing
    /// The key file does not fit the record.
    case undecipherable
    case unavailable

    package var description: String {
        switch self {
        case .missing: "the secret does not exist"
        case .undecipherable: "the secret cannot be decrypted with this installation's key file"
        case .unavailable: "the secret store cannot be reached; try again"
        }
    }
}

/// Where time and fresh ids come from, so that tests can say.
package protocol IDSource: Sendable {
    func now() -> Timestamp
    func random128() -> UInt128
}

extension IDSource {
    /// A fresh time-ordered id.
    package func next<S>(_: S.Type = S.self) -> Identifier<S> { .timeOrdered(at: now(), random: random128()) }
}
