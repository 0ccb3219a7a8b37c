import Synchronization
package import Vocabulary

/// What the entities of a process share: the room they take, their snapshots, and the turns in which they read the log.
package final class EntityMemory: Sendable {
    /// How much may be in memory. What is dropped is rebuilt from the log, so a bound costs time and never correctness.
    package struct Bounds: Sendable {
        package var entities = Limits.residentEntities
        package var bytes = Limits.residentBytes

        package init(entities: Int = Limits.residentEntities, bytes: Int = Limits.residentBytes) {
            self.entities = entities
            self.bytes = bytes
        }
    }

    let snapshots: SnapshotWriter?
    /// Tells what may be answered from memory.
    let ownership: any SliceOwnership
    let loads = Turns(limit: Limits.loadsAtOnce)
    private let bounds: Bounds
    private let residents = Mutex(Residents())
    /// The category of each directory, whose number is its place.
    private let directories = Mutex<[Category]>([])

    /// Without `snapshots` every entity is loaded from its first event.
    package init(_ bounds: Bounds = Bounds(), snapshots: SnapshotWriter? = nil, ownership: any SliceOwnership = SoleOwner()) {
        self.bounds = bounds
        self.snapshots = snapshots
        self.ownership = ownership
    }

    /// Sets the keys of one directory apart from those of the others.
    func register(_ category: Category) -> Int {
        directories.withLock { directories in
            directories.append(category)
            return directories.count - 1
        }
    }

    /// Tells the entity of a stream that the log has it at `version`, whoever appended: what it remembers of an earlier one is no answer any more.
    package func overtake(_ address: StreamAddress, at version: StreamVersion) {
        let numbers = directories.withLock { directories in directories.indices.filter { directories[$0] == address.category } }
        for number in numbers { peek(ResidentKey(directory: number, tenant: address.tenant, stream: address.stream))?.overtake(at: version) }
    }

    /// The entity under a key, in memory until `leave`; `make` makes it when there is none.
    func enter<Entity: ResidentEntity>(_ key: ResidentKey, _ make: () -> Entity) -> Entity {
        residents.withLock { residents in
            if let found = residents.enter(key) as? Entity { return found }
            residents.makeRoom(for: 1, within: bounds)
            let entity = make()
            residents.insert(entity, as: key)
            return entity
        }
    }

    /// Ends what `enter` began. Who serves nobody may be dropped from then on.
    func leave(_ key: ResidentKey) {
        residents.withLock { residents in
            residents.leave(key)
            residents.makeRoom(for: 0, within: bounds)
        }
    }

    /// Drops an entity once it serves nobody.
    func forget(_ key: ResidentKey) { residents.withLock { $0.forget(key) } }

    /// Drops every entity once it serves nobody, since somebody's data in it may have been erased.
    package func forgetAll() { residents.withLock { $0.forgetAll() } }

    /// How many callers an entity serves now.
    func callerCount(_ key: ResidentKey) -> Int { residents.withLock { $0.callerCount(key) } }

    /// The entity under a key when it is in memory; it may be dropped meanwhile.
    func peek(_ key: ResidentKey) -> (any ResidentEntity)? { residents.withLock { $0.peek(key) } }

    /// What is in memory, and how it came there.
    package var report: EntityReport { residents.withLock { $0.report } }
}

/// What entities take of a process, for an operator's view. Counts are since the start.
package struct EntityReport: Hashable, Sendable {
    /// Entities in memory, and those of them that serve somebody now.
    package var residents = 0
    package var serving = 0
    /// An estimate of what the residents take, in bytes.
    package var bytes = 0
    /// Callers who found their entity in memory, and those for whom it was made.
    package var hits = 0
    package var misses = 0
    /// Entities dropped to make room.
    package var evictions = 0
}

/// An entity in memory.
protocol ResidentEntity: AnyObject, Sendable {
    /// An estimate of the memory it takes, in bytes; read from any thread.
    var footprint: Int { get }

    /// The log has the stream at this version.
    func overtake(at version: StreamVersion)
}

/// Where an entity stands in memory. The same id under another tenant is another entity, one that does not exist.
struct ResidentKey: Hashable, Sendable {
    let directory: Int
    let tenant: TenantID
    let stream: StreamID
}
