import EventSourcing
import Vocabulary

/// Pointers that left the bus and the slots in which jobs are done: pure.
///
/// Some slots are P1's alone. The others go to lanes with work by deficit round robin, so a flood in one lane leaves the rest their share.
struct WorkBench: Sendable {
    private let slots: Int
    private let reservedForP1: Int
    private let roomPerLane: Int
    private var waiting: [Lane: [Job]] = [:]
    private var busy: [Lane: Int] = [:]
    /// Streams that wait or are worked on; a second pointer to one is dropped.
    private var known: Set<StreamID> = []
    private var turns = DeficitRoundRobin<Lane> { $0.weight }

    init(slots: Int, reservedForP1: Int, roomPerLane: Int) {
        precondition(slots > reservedForP1 && reservedForP1 >= 0 && roomPerLane > 0, "\(slots) slots, \(reservedForP1) of them reserved")
        self.slots = slots
        self.reservedForP1 = reservedForP1
        self.roomPerLane = roomPerLane
        for lane in Lane.allCases { turns.add(lane) }
    }

    /// How many pointers of a lane may be taken from the bus now.
    func room(_ lane: Lane) -> Int { roomPerLane - (waiting[lane]?.count ?? 0) }

    /// How many jobs are being done.
    var busyCount: Int { busy.values.reduce(0, +) }

    /// Takes in pointers; answers those that are new here.
    mutating func admit(_ jobs: [Job]) -> [Job] {
        var admitted: [Job] = []
        for job in jobs where known.insert(job.stream).inserted {
            waiting[job.lane, default: []].append(job)
            admitted.append(job)
        }
        return admitted
    }

    /// The next job to begin, which takes a slot; nil when nothing waits or no slot is free for what does.
    mutating func begin() -> Job? {
        let free = slots - busyCount
        guard free > 0 else { return nil }
        let heldForP1 = max(0, reservedForP1 - busy[.p1, default: 0])
        let eligible = Lane.allCases.filter { waiting[$0]?.isEmpty == false && ($0 == .p1 || free > heldForP1) }
        guard let lane = turns.next(cost: { eligible.contains($0) ? 1 : nil }), let job = waiting[lane]?.removeFirst() else { return nil }
        busy[lane, default: 0] += 1
        return job
    }

    /// A job is done or failed; its slot is free and its stream may come again.
    mutating func end(_ job: Job) {
        busy[job.lane, default: 0] -= 1
        known.remove(job.stream)
    }
}
