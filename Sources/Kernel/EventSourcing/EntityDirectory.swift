import Synchronization
package import Vocabulary

/// Finds the actor of an entity, starting it when it is not in memory, and drops the least recently used ones.
///
/// What is dropped is rebuilt from the log, so the bound costs time and never correctness.
package final class EntityDirectory<D: Decider>: Sendable {
    private let store: any EventStore
    private let ids: any IDSource
    private let trail: RefusalTrail?
    private let capacity: Int
    private let residents = Mutex(Residents())

    private struct Residents {
        var entities: [StreamID: (entity: Entity<D>, used: UInt64)] = [:]
        var clock: UInt64 = 0
    }

    /// `trail`, when given, records every refusal for the audit log.
    package init(store: any EventStore, ids: any IDSource, trail: RefusalTrail?, capacity: Int = Limits.residentEntities) {
        self.store = store
        self.ids = ids
        self.trail = trail
        self.capacity = capacity
    }

    /// Gives a command to an entity; see `Entity.send`. `isFresh` says that the entity's id was made for this command.
    package func send(
        _ command: D.Command, to address: StreamAddress, isFresh: Bool = false, _ envelope: CommandEnvelope
    ) async throws -> EntityReply<D.State> {
        do { return try await entity(at: address, isFresh: isFresh).send(command, envelope) } catch let refusal as D.Refusal {
            try await trail?.record(.rejected, action: D.action(of: command), resource: address, reason: "\(refusal)", envelope)
            throw refusal
        } catch let taken as NameTaken {
            try await trail?.record(.rejected, action: D.action(of: command), resource: address, reason: "\(taken)", envelope)
            throw taken
        }
    }

    /// The state as the log has it.
    package func state(at address: StreamAddress) async throws(EventStoreError) -> D.State { try await entity(at: address).state() }

    /// Drops one entity from memory, such as a run that has ended.
    package func forget(_ address: StreamAddress) { _ = residents.withLock { $0.entities.removeValue(forKey: address.stream) } }

    /// How many entities are in memory.
    package var residentCount: Int { residents.withLock { $0.entities.count } }

    private func entity(at address: StreamAddress, isFresh: Bool = false) -> Entity<D> {
        residents.withLock { residents in
            residents.clock += 1
            if let found = residents.entities[address.stream] {
                residents.entities[address.stream] = (found.entity, residents.clock)
                return found.entity
            }
            if residents.entities.count >= capacity { evict(from: &residents) }
            let entity = Entity<D>(address: address, isFresh: isFresh, store: store, ids: ids)
            residents.entities[address.stream] = (entity, residents.clock)
            return entity
        }
    }

    /// Drops the older half at once, so that the scan is paid once in `capacity / 2` arrivals.
    ///
    /// An entity that is dropped while it serves goes on for its callers; a second actor of the same stream that starts meanwhile
    /// is held to the truth by the expected version.
    private func evict(from residents: inout Residents) {
        let ages = residents.entities.values.map(\.used).sorted()
        let threshold = ages[ages.count / 2]
        residents.entities = residents.entities.filter { $0.value.used > threshold }
    }
}
