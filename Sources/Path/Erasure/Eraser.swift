package import Domain
package import EventSourcing
package import Vocabulary

/// Erases somebody's data: records that it was asked for, destroys the key, and records the end once no process remembers anything.
package struct Eraser: WorkHandler {
    /// From the destruction to the end: twice as long as a process may use a key that was destroyed elsewhere.
    package static let settling = Duration.seconds(10)

    private let erasures: EntityDirectory<ErasureDecider>
    private let keys: any DataKeys
    private let ids: any IDSource

    package init(erasures: EntityDirectory<ErasureDecider>, keys: any DataKeys, ids: any IDSource) {
        self.erasures = erasures
        self.keys = keys
        self.ids = ids
    }

    /// Where the erasure of a key's data is.
    package static func address(of key: DataKeyID, _ tenant: TenantID) -> StreamAddress {
        StreamAddress(tenant: tenant, stream: key.recast(), category: ErasureDecider.category)
    }

    /// Destroys the key of a person's data, or of the tenant with everybody in it; when that was done before, answers so.
    ///
    /// What was asked for is in the log before the key is destroyed, and its job sees to it should this process end in between. Throws
    /// `EntityRejection.unknown` when nothing was ever kept of the person.
    package func erase(
        _ subject: DataSubjectID?, of tenant: TenantID, reason: String, _ envelope: CommandEnvelope
    ) async throws -> (key: DataKeyID, reply: EntityReply<ErasureState>) {
        let key = try await key(of: subject, tenant)
        let request = ErasureRequest(subject: subject, reason: reason)
        let reply = try await erasures.send(.request(request), to: Self.address(of: key, tenant), envelope)
        _ = try await keys.destroy(key, of: tenant)
        return (key, reply)
    }

    /// The erasure of that key's data as it stands.
    package func state(of key: DataKeyID, _ tenant: TenantID) async throws -> ErasureState {
        try await erasures.state(at: Self.address(of: key, tenant))
    }

    package func perform(_ job: Job) async throws {
        let key: DataKeyID = job.stream.recast()
        guard let destroyed = try await keys.destroy(key, of: job.tenant), let time = destroyed.destroyedAt, let age = destroyed.sinceDestroyed else {
            throw EventStoreError(.corrupt("tenant \(job.tenant) has no key \(key) to destroy"))
        }
        // What another process still reads with the key is in the log before the end, at which views erase once more.
        guard age >= Self.settling else { throw StillRemembered(key: key) }
        let envelope = CommandEnvelope(
            commandID: ids.next(), principal: .system("eraser"), correlation: CorrelationID(bits: key.bits), causation: key.bits, lane: job.lane,
            isRemembered: false)
        _ = try await erasures.send(.complete(destroyedAt: time), to: Self.address(of: key, job.tenant), envelope)
    }

    private func key(of subject: DataSubjectID?, _ tenant: TenantID) async throws -> DataKeyID {
        if let known = try await keys.newest(subject, of: tenant) { return known.id }
        // A tenant of which nothing is kept yet shall not keep anything from here on.
        if subject == nil, let made = try await keys.current(nil, of: tenant) { return made }
        throw EntityRejection.unknown(ErasureDecider.category)
    }
}

/// Another process may still have the destroyed key; the end is recorded later.
struct StillRemembered: NotYetReady, CustomStringConvertible {
    let key: DataKeyID
    var description: String { "the key \(key) was destroyed just now" }
}
