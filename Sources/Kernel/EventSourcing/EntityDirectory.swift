import Synchronization
package import Vocabulary

/// Finds the actor of an entity, starting it when it is not in memory, and drops the least recently used ones.
///
/// What is dropped is rebuilt from the log, so the bound costs time and never correctness. Who serves a caller is not dropped.
package final class EntityDirectory<D: Decider>: Sendable {
    private let store: any EventStore
    private let ids: any IDSource
    private let trail: RefusalTrail?
    private let capacity: Int
    private let residents: Mutex<Residents>

    private struct Resident {
        let entity: Entity<D>
        var used: UInt64
        /// How many callers it serves. While there is one it is not dropped: a second actor of the same stream would start, and
        /// what an entity answers without an append, it answers from what it remembers.
        var callers = 0
        /// To be dropped when the last caller has gone.
        var isForgotten = false
    }

    private struct Residents {
        /// By the whole address: the same id under another tenant is another entity, one that does not exist.
        var entities: [StreamAddress: Resident] = [:]
        var clock: UInt64 = 0
        /// The count from which the next arrival drops others.
        var threshold: Int
    }

    /// `trail`, when given, records every refusal for the audit log.
    package init(store: any EventStore, ids: any IDSource, trail: RefusalTrail?, capacity: Int = Limits.residentEntities) {
        self.store = store
        self.ids = ids
        self.trail = trail
        self.capacity = capacity
        residents = Mutex(Residents(threshold: capacity))
    }

    /// Gives a command to an entity; see `Entity.send`. `isFresh` says that the entity's id was made for this command.
    package func send(
        _ command: D.Command, to address: StreamAddress, isFresh: Bool = false, _ envelope: CommandEnvelope
    ) async throws -> EntityReply<D.State> {
        do {
            let entity = enter(address, isFresh: isFresh)
            defer { leave(address) }
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
        defer { leave(address) }
        return try await entity.state()
    }

    /// Drops one entity from memory once it serves nobody, such as a run that has ended.
    package func forget(_ address: StreamAddress) {
        residents.withLock { residents in
            if residents.entities[address]?.callers == 0 {
                residents.entities.removeValue(forKey: address)
            } else {
                residents.entities[address]?.isForgotten = true
            }
        }
    }

    /// How many entities are in memory.
    package var residentCount: Int { residents.withLock { $0.entities.count } }

    /// How many callers an entity serves now.
    package func callerCount(at address: StreamAddress) -> Int { residents.withLock { $0.entities[address]?.callers ?? 0 } }

    /// The actor of an entity, which stays in memory until `leave`.
    private func enter(_ address: StreamAddress, isFresh: Bool = false) -> Entity<D> {
        residents.withLock { residents in
            residents.clock += 1
            if residents.entities[address] == nil, residents.entities.count >= residents.threshold { evict(from: &residents) }
            var resident =
                residents.entities[address]
                ?? Resident(entity: Entity<D>(address: address, isFresh: isFresh, store: store, ids: ids), used: 0)
            resident.used = residents.clock
            resident.callers += 1
            residents.entities[address] = resident
            return resident.entity
        }
    }

    private func leave(_ address: StreamAddress) {
        residents.withLock { residents in
            guard var resident = residents.entities[address] else { return }
            resident.callers -= 1
            residents.entities[address] = resident.callers == 0 && resident.isForgotten ? nil : resident
        }
    }

    /// Drops the older half of those who serve nobody, at once, so that the scan is paid once in `capacity / 2` arrivals.
    private func evict(from residents: inout Residents) {
        let ages = residents.entities.values.map(\.used).sorted()
        let threshold = ages[ages.count / 2]
        residents.entities = residents.entities.filter { $0.value.used > threshold || $0.value.callers > 0 }
        // Those who serve are bounded by their callers; while they fill the memory, the scan is not paid at every arrival.
        residents.threshold = max(capacity, residents.entities.count + capacity / 2)
    }
}
