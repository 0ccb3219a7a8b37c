import EventSourcing
import Vocabulary

/// What workers report.
extension DispatchBook {
    /// A worker has the pointer, so the bus cannot lose it any more.
    mutating func received(_ job: Job) { change(job) { $0.phase = .received } }

    /// Whether a lane's workers have room for pointers.
    mutating func lane(_ lane: Lane, isFull: Bool) { if isFull { fullLanes.insert(lane) } else { fullLanes.remove(lane) } }

    /// A worker has begun; frees the lane's credit.
    mutating func began(_ job: Job, at now: Timestamp) {
        change(job) { $0.phase = .working }
        credits[job.lane]?.began(at: now)
    }

    /// The job's outcome is in the log, or the job is gone from it.
    mutating func finished(_ job: Job, at now: Timestamp) {
        finishedDuringSweep?.insert(job.stream)
        guard let entry = entries.removeValue(forKey: job.stream) else { return }
        releaseCredit(of: entry)
        if let successor = entry.successor { admit(Entry(job: successor, phase: .ready), at: now) }
    }

    /// The worker failed; the job is given out again after a pause that doubles.
    mutating func failed(_ job: Job, at now: Timestamp) {
        guard var entry = entries.removeValue(forKey: job.stream) else { return }
        releaseCredit(of: entry)
        entry.failures += 1
        entry.job = entry.successor ?? entry.job
        entry.successor = nil
        admit(entry, at: now, notBefore: now + configuration.failurePause.length(after: entry.failures))
    }

    /// A pointer may be older than this process; then its job becomes known by being worked on.
    private mutating func change(_ job: Job, _ body: (inout Entry) -> Void) {
        var entry = entries[job.stream] ?? Entry(job: job, phase: .ready)
        let wasOut = entry.holdsCredit
        body(&entry)
        entries[job.stream] = entry
        switch (wasOut, entry.holdsCredit) {
        case (true, false): credits[entry.job.lane]?.giveBack()
        case (false, true): credits[entry.job.lane]?.take()
        case (true, true), (false, false): break
        }
    }

    private mutating func releaseCredit(of entry: Entry) {
        if entry.holdsCredit { credits[entry.job.lane]?.giveBack() }
    }
}

/// What the database says.
extension DispatchBook {
    /// A read of the ready jobs begins.
    mutating func sweepBegins() { finishedDuringSweep = [] }

    /// Takes in what a read found and the book does not know; `limit` is what was asked for a lane.
    mutating func sweepEnds(_ jobs: [Job], limit: Int, at now: Timestamp) {
        let old = finishedDuringSweep ?? []
        finishedDuringSweep = nil
        let found = Dictionary(grouping: jobs, by: \.lane).mapValues(\.count)
        incomplete = Set(Lane.allCases.filter { found[$0, default: 0] >= limit })
        for job in jobs where entries[job.stream] == nil && !old.contains(job.stream) {
            admit(Entry(job: job, phase: .ready), at: now)
        }
    }

    /// The read failed.
    mutating func sweepFailed() { finishedDuringSweep = nil }
}

extension DispatchBook.Entry {
    /// Whether the job is out and not begun.
    var holdsCredit: Bool {
        switch phase {
        case .published, .received: true
        case .ready, .working, .waiting: false
        }
    }
}
