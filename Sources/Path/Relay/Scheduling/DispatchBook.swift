import EventSourcing
import Vocabulary

/// What the dispatcher knows of every job under way: pure, so that every order of events can be tried.
///
/// A copy of the truth, never the truth: whatever is dropped here is found again by the sweep, and a job given out twice is done once.
///
/// ready -> published -> received -> working -> gone; published -> ready when nobody received it; working -> waiting -> ready when it
/// failed; waiting is also where a job stays whose time has not come.
struct DispatchBook: Sendable {
    enum Phase: Equatable, Sendable {
        case ready
        /// In the bus; published again when nobody received it by then.
        case published(until: Timestamp)
        /// A worker has the pointer.
        case received
        case working
        case waiting(until: Timestamp)
    }

    struct Entry: Sendable {
        var job: Job
        /// How often it was published.
        var attempt = 0
        /// Failures in a row.
        var failures = 0
        var phase: Phase
        /// What the stream asked for while this job was out.
        var successor: Job?
    }

    // Not private: the extension in the file beside this one is part of the same machine.
    let configuration: DispatcherConfiguration
    var entries: [StreamID: Entry] = [:]
    private var ready: ReadyList
    var credits: [Lane: LaneCredit]
    private var timers = TimerHeap()
    /// Lanes of which the database holds more ready jobs than the book.
    var incomplete: Set<Lane> = []
    /// Lanes whose workers take no pointers now, so that what is in the bus waits there and is not lost.
    var fullLanes: Set<Lane> = []
    /// Streams that finished while a sweep was reading; what it read of them is old.
    var finishedDuringSweep: Set<StreamID>?

    init(configuration: DispatcherConfiguration) {
        self.configuration = configuration
        ready = ReadyList(capacityPerLane: configuration.readyPerLane)
        credits = Dictionary(uniqueKeysWithValues: Lane.allCases.map { ($0, LaneCredit(bounds: configuration.creditPerLane)) })
    }

    /// When `wake` has something to do next.
    var nextWake: Timestamp? { timers.first?.at }

    /// Whether a sweep would bring work that the book has room for.
    var needsSweep: Bool { incomplete.contains { ready.count($0) < configuration.sweepChunk / 2 } }

    /// How many jobs a lane's sweep must read so that something new is among them, however many are under way already.
    var sweepLimit: Int {
        var known: [Lane: Int] = [:]
        for entry in entries.values { known[entry.job.lane, default: 0] += 1 }
        return (known.values.max() ?? 0) + configuration.sweepChunk
    }

    /// Takes in a job that the log has just told of.
    mutating func offer(_ job: Job, at now: Timestamp) {
        guard var entry = entries[job.stream] else { return admit(Entry(job: job, phase: .ready), at: now) }
        guard entry.job != job else { return }
        switch entry.phase {
        case .published, .received, .working: entry.successor = job
        case .ready, .waiting:
            entries[job.stream] = nil
            entry.job = job
            return admit(entry, at: now)
        }
        entries[job.stream] = entry
    }

    /// Gives a job its place by its time: among the ready, or waiting, or nowhere when there is no room.
    mutating func admit(_ entry: Entry, at now: Timestamp, notBefore earliest: Timestamp? = nil) {
        var entry = entry
        let start = max(entry.job.due, earliest ?? entry.job.due)
        if start > now {
            guard timers.count < configuration.timers else {
                // Not as it was before: the timer of an entry that looks published would give its credit back a second time.
                entries[entry.job.stream] = nil
                return
            }
            entry.phase = .waiting(until: start)
            entries[entry.job.stream] = entry
            timers.push(.init(at: start, stream: entry.job.stream))
        } else {
            entry.phase = .ready
            entries[entry.job.stream] = entry
            guard let dropped = ready.push(entry.job) else { return }
            entries[dropped.stream] = nil
            incomplete.insert(dropped.lane)
        }
    }

    /// Publishes again what nobody received, and makes ready what waited until now.
    mutating func wake(at now: Timestamp) {
        while let timer = timers.pop(until: now) {
            guard let entry = entries[timer.stream] else { continue }
            switch entry.phase {
            case .published(timer.at) where fullLanes.contains(entry.job.lane): expectReceipt(of: entry, from: now)
            case .published(timer.at):
                credits[entry.job.lane]?.giveBack()
                admit(entry, at: now)
            case .waiting(timer.at): admit(entry, at: now)
            case .published, .waiting, .ready, .received, .working: break
            }
        }
    }

    /// What is to be published now, at most `limit`, by fair shares and within the lanes' credit; counts as published from here on.
    mutating func takePublications(limit: Int, at now: Timestamp) -> [Publication] {
        var taken: [Publication] = []
        while taken.count < limit, let job = ready.pop(where: { !(credits[$0]?.isExhausted ?? true) }) {
            // The list may hold a job twice, or one that was begun thanks to an older pointer.
            guard var entry = entries[job.stream], entry.phase == .ready else { continue }
            taken.append(Publication(job: entry.job, attempt: entry.attempt))
            entry.attempt += 1
            credits[entry.job.lane]?.take()
            expectReceipt(of: entry, from: now)
        }
        return taken
    }

    private mutating func expectReceipt(of entry: Entry, from now: Timestamp) {
        let deadline = now + configuration.republishPause.length(after: entry.attempt)
        entries[entry.job.stream] = entry
        entries[entry.job.stream]?.phase = .published(until: deadline)
        timers.push(.init(at: deadline, stream: entry.job.stream))
    }

    /// The bus did not take them; they are tried again after a pause.
    mutating func unpublished(_ jobs: [Job], at now: Timestamp) {
        for job in jobs {
            guard var entry = entries[job.stream], case .published = entry.phase else { continue }
            credits[entry.job.lane]?.giveBack()
            entry.attempt -= 1
            admit(entry, at: now, notBefore: now + configuration.busPause)
        }
    }
}

/// A pointer on its way to the bus.
struct Publication: Equatable, Sendable {
    let job: Job
    /// 0 for the first time.
    let attempt: Int
}
