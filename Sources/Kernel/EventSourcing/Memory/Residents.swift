import Vocabulary

/// The entities in memory; those that serve nobody wait in the order of their last use to be dropped. Every step costs a constant.
struct Residents {
    private struct Slot {
        var key: ResidentKey
        var entity: any ResidentEntity
        /// How many callers it serves. While there is one it is not dropped: a second actor of the same stream would start, and what an
        /// entity answers without an append, it answers from what it remembers.
        var callers = 1
        /// To be dropped when the last caller has gone.
        var isForgotten = false
        var footprint = 0
        /// Neighbours in the order of last use, while it serves nobody.
        var older: Int?
        var newer: Int?
    }

    private var places: [ResidentKey: Int] = [:]
    private var slots: [Slot?] = []
    private var freeSlots: [Int] = []
    private var oldest: Int?
    private var newest: Int?
    private(set) var report = EntityReport()

    /// Counts a caller in; nil when the entity is not in memory.
    mutating func enter(_ key: ResidentKey) -> (any ResidentEntity)? {
        guard let place = places[key], let slot = slots[place] else {
            report.misses += 1
            return nil
        }
        report.hits += 1
        if slot.callers == 0 {
            unlink(place)
            report.serving += 1
        }
        slots[place]?.callers += 1
        return slot.entity
    }

    /// Adds an entity that serves one caller.
    mutating func insert(_ entity: any ResidentEntity, as key: ResidentKey) {
        let slot = Slot(key: key, entity: entity)
        if let place = freeSlots.popLast() {
            slots[place] = slot
            places[key] = place
        } else {
            places[key] = slots.count
            slots.append(slot)
        }
        report.residents += 1
        report.serving += 1
    }

    /// Counts a caller out.
    mutating func leave(_ key: ResidentKey) {
        guard let place = places[key], var slot = slots[place] else { return }
        slot.callers -= 1
        report.bytes += slot.entity.footprint - slot.footprint
        slot.footprint = slot.entity.footprint
        slots[place] = slot
        guard slot.callers == 0 else { return }
        report.serving -= 1
        if slot.isForgotten { remove(place) } else { link(place) }
    }

    mutating func forget(_ key: ResidentKey) {
        guard let place = places[key] else { return }
        if slots[place]?.callers == 0 {
            unlink(place)
            remove(place)
        } else {
            slots[place]?.isForgotten = true
        }
    }

    mutating func forgetAll() {
        for key in Array(places.keys) { forget(key) }
    }

    /// Drops the least recently used of those who serve nobody until there is room for `arrivals` more.
    mutating func makeRoom(for arrivals: Int, within bounds: EntityMemory.Bounds) {
        while report.residents + arrivals > bounds.entities || report.bytes > bounds.bytes, let place = oldest {
            unlink(place)
            remove(place)
            report.evictions += 1
        }
    }

    func callerCount(_ key: ResidentKey) -> Int { places[key].flatMap { slots[$0]?.callers } ?? 0 }
    func peek(_ key: ResidentKey) -> (any ResidentEntity)? { places[key].flatMap { slots[$0]?.entity } }

    private mutating func remove(_ place: Int) {
        guard let slot = slots[place] else { return }
        places.removeValue(forKey: slot.key)
        slots[place] = nil
        freeSlots.append(place)
        report.residents -= 1
        report.bytes -= slot.footprint
    }

    private mutating func link(_ place: Int) {
        slots[place]?.older = newest
        slots[place]?.newer = nil
        if let newest { slots[newest]?.newer = place } else { oldest = place }
        newest = place
    }

    private mutating func unlink(_ place: Int) {
        guard let slot = slots[place] else { return }
        if let older = slot.older { slots[older]?.newer = slot.newer } else { oldest = slot.newer }
        if let newer = slot.newer { slots[newer]?.older = slot.older } else { newest = slot.older }
        slots[place]?.older = nil
        slots[place]?.newer = nil
    }
}
