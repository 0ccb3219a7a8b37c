import EventSourcing
import Vocabulary

/// The ready jobs of one lane, a queue a tenant, given out by deficit round robin over tenants.
///
/// Bounded; when it is full the tenant with the longest queue pays, so that a flood crowds out nobody but its sender.
struct TenantQueues: Sendable {
    private let capacity: Int
    private var queues: [TenantID: FIFO<Job>] = [:]
    private var turns = DeficitRoundRobin<TenantID> { _ in WorkKind.largestCost }
    private(set) var count = 0

    init(capacity: Int) { self.capacity = capacity }

    /// Adds a job; answers the one that found no place, which may be the same.
    mutating func push(_ job: Job) -> Job? {
        var dropped: Job?
        if count >= capacity {
            let own = queues[job.tenant]?.count ?? 0
            // The scan is saved for those who have their fair share and more.
            guard own * max(queues.count, 1) < capacity else { return job }
            guard let longest = queues.max(by: { $0.value.count < $1.value.count }), longest.value.count > own else { return job }
            dropped = take(from: longest.key) { $0.popLast() }
        }
        queues[job.tenant, default: FIFO()].append(job)
        turns.add(job.tenant)
        count += 1
        return dropped
    }

    /// The next job by fair shares, or nil when there is none.
    mutating func pop() -> Job? {
        let next = turns.next { [queues] tenant in queues[tenant]?.first?.kind.cost }
        return next.flatMap { take(from: $0) { $0.popFirst() } }
    }

    private mutating func take(from tenant: TenantID, _ end: (inout FIFO<Job>) -> Job?) -> Job? {
        guard let job = end(&queues[tenant, default: FIFO()]) else { return nil }
        count -= 1
        if queues[tenant]?.isEmpty ?? true {
            queues.removeValue(forKey: tenant)
            turns.remove(tenant)
        }
        return job
    }
}

extension WorkKind {
    /// What a job of the kind takes, in units of half a millisecond; only ratios matter.
    var cost: Int {
        switch self {
        case .route, .erase: 1
        case .run: 8
        }
    }

    static let largestCost = 8
}
