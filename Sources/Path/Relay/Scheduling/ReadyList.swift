import EventSourcing
import Vocabulary

/// The jobs that may be given out now: lanes share 8 : 4 : 2 : 1, and tenants share evenly inside a lane.
struct ReadyList: Sendable {
    private var lanes: [Lane: TenantQueues]
    private var turns = DeficitRoundRobin<Lane> { $0.weight }

    init(capacityPerLane: Int) {
        lanes = Dictionary(uniqueKeysWithValues: Lane.allCases.map { ($0, TenantQueues(capacity: capacityPerLane)) })
        for lane in Lane.allCases { turns.add(lane) }
    }

    /// Jobs waiting in a lane.
    func count(_ lane: Lane) -> Int { lanes[lane]?.count ?? 0 }

    /// Adds a job; answers the one that found no place.
    mutating func push(_ job: Job) -> Job? { lanes[job.lane]?.push(job) }

    /// The next job of the lanes that may send.
    mutating func pop(where maySend: (Lane) -> Bool) -> Job? {
        let eligible = Lane.allCases.filter { count($0) > 0 && maySend($0) }
        let lane = turns.next { eligible.contains($0) ? 1 : nil }
        return lane.flatMap { lanes[$0]?.pop() }
    }
}
