package import Vocabulary

/// Finds the actor of an entity, starting it when it is not in memory. What all directories share decides who is dropped from memory.
package final class EntityDirectory<D: Decider>: Sendable {
    private let store: any EventStore
    private let ids: any IDSource
    private let trail: RefusalTrail?
    private let memory: EntityMemory
    private let number: Int

    /// `trail`, when given, records every refusal for the audit log.
    package init(store: any EventStore, ids: any IDSource, trail: RefusalTrail?, memory: EntityMemory = EntityMemory()) {
        self.store = store
        self.ids = ids
        self.trail = trail
        self.memory = memory
        number = memory.register(D.category)
    }

    /// Gives a command to an entity; see `Entity.send`. `isFresh` says that the entity's id was made for this command.
    package func send(
        _ command: D.Command, to address: StreamAddress, isFresh: Bool = false, _ envelope: CommandEnvelope
    ) async throws -> EntityReply<D.State> {
        do {
            let entity = enter(address, isFresh: isFresh)
            defer { memory.leave(key(address)) }
            return try await entity.send(command, envelope)
        } catch let refusal as D.Refusal {
            try await trail?.record(.rejected, action: D.action(of: command), resource: address, reason: "\(refusal)", envelope)
            throw refusal
        } catch let taken as NameTaken {
            try await trail?.record(.rejected, action: D.action(of: command), resource: address, reason: "\(taken)", envelope)
            throw taken
        }
    }

    /// The state as the log has it.
    package func state(at address: StreamAddress) async throws(EventStoreError) -> D.State {
        let entity = enter(address)
        defer { memory.leave(key(address)) }
        return try await entity.state()
    }

    /// Drops one entity from memory once it serves nobody, such as a run that has ended.
    package func forget(_ address: StreamAddress) { memory.forget(key(address)) }

    /// How many callers an entity serves now.
    package func callerCount(at address: StreamAddress) -> Int { memory.callerCount(key(address)) }

    /// The actor of an entity, which stays in memory until its caller leaves.
    private func enter(_ address: StreamAddress, isFresh: Bool = false) -> Entity<D> {
        memory.enter(key(address)) { Entity<D>(address: address, isFresh: isFresh, store: store, ids: ids, memory: memory) }
    }

    private func key(_ address: StreamAddress) -> ResidentKey { ResidentKey(directory: number, tenant: address.tenant, stream: address.stream) }
}

extension EntityDirectory: LiveEntities {
    package var category: Category { D.category }

    package func live(_ address: StreamAddress) async throws -> LiveState? {
        guard let entity = memory.peek(key(address)) as? Entity<D> else { return nil }
        return try await entity.live
    }
}

/// The states that a process has in memory, of one kind of entity.
package protocol LiveEntities: Sendable {
    var category: Category { get }

    /// What the actor of the entity remembers now; nil when it is not in memory, or remembers nothing. Reads nothing from the log.
    func live(_ address: StreamAddress) async throws -> LiveState?
}

/// What an actor remembers.
package struct LiveState: Hashable, Sendable {
    package let version: StreamVersion
    /// The state, by ``CBOR/encode(_:)``.
    package let body: [UInt8]

    package init(version: StreamVersion, body: [UInt8]) {
        self.version = version
        self.body = body
    }
}
