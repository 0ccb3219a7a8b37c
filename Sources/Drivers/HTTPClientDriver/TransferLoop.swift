import CCurl

/// The client's thread: starts transfers, moves them on, answers their callers.
///
/// Made and used on that thread only, which is why it needs no lock. At most `maximumConcurrentTransfers` run; the others
/// wait in order of arrival.
final class TransferLoop {
    /// What the thread is given.
    struct Parts: Sendable {
        let configuration: HTTPClient.Configuration
        let multi: MultiHandle
        let inbox: TransferInbox
    }

    /// How long the thread sleeps when nothing is due: every event wakes it, this is only the bound.
    private static let longestWait = Duration.seconds(60)

    private let configuration: HTTPClient.Configuration
    private let multi: MultiHandle
    private let inbox: TransferInbox
    private var waiting: [Submission] = []
    private var active: [UnsafeMutableRawPointer: Transfer] = [:]

    init(_ parts: Parts) {
        configuration = parts.configuration
        multi = parts.multi
        inbox = parts.inbox
    }

    /// Works until the inbox drains and everything taken has been answered, or the drain timeout is over.
    func run() {
        BlockedSignals.blockBrokenPipe()
        var drainDeadline: ContinuousClock.Instant?
        while true {
            let intake = inbox.take()
            waiting.append(contentsOf: intake.submissions)
            intake.cancellations.forEach(giveUp)
            advance()
            if intake.isDraining {
                let deadline = drainDeadline ?? .now + configuration.drainTimeout
                drainDeadline = deadline
                if active.isEmpty && waiting.isEmpty || deadline <= .now { break }
            }
            if !multi.wait(atMost: timeToNextDeadline(drainDeadline)) { failActive(.incompleteResponse) }
        }
        failActive(.shutDown)
        (waiting + inbox.close()).forEach { answer($0, .failure(HTTPClientError(.shutDown))) }
    }

    private func advance() {
        failOverdueWaiting()
        startWaiting()
        // A failure here is of the whole, not of one transfer: nothing under way can be trusted, what follows can.
        if !multi.perform() { failActive(.incompleteResponse) }
        while let completion = multi.nextCompletion() {
            guard let transfer = detach(completion.easy) else { continue }
            answer(transfer.submission, transfer.outcome(completion.result))
        }
        // Places have become free; libcurl makes the wait return at once for transfers just added.
        startWaiting()
    }

    private func startWaiting() {
        let free = configuration.maximumConcurrentTransfers - active.count
        for submission in waiting.prefix(free) {
            let transfer = Transfer(submission, configuration: configuration)
            guard multi.add(transfer.handle) else {
                answer(submission, .failure(HTTPClientError(.overloaded)))
                continue
            }
            active[transfer.handle] = transfer
        }
        waiting.removeFirst(min(free, waiting.count))
    }

    private func failOverdueWaiting() {
        let now = ContinuousClock.now
        let overdue = waiting.filter { $0.deadline <= now }
        waiting.removeAll { $0.deadline <= now }
        overdue.forEach { answer($0, .failure(HTTPClientError(.timedOut))) }
    }

    /// Gives up a cancelled transfer wherever it is.
    private func giveUp(_ id: TransferID) {
        if let index = waiting.firstIndex(where: { $0.id == id }) {
            answer(waiting.remove(at: index), .failure(HTTPClientError(.cancelled)))
        } else if let handle = active.first(where: { $0.value.submission.id == id })?.key {
            fail(handle, .cancelled)
        }
    }

    private func failActive(_ code: HTTPClientError.Code) {
        active.keys.forEach { fail($0, code) }
    }

    private func fail(_ handle: UnsafeMutableRawPointer, _ code: HTTPClientError.Code) {
        guard let transfer = detach(handle) else { return }
        answer(transfer.submission, .failure(transfer.error(code)))
    }

    private func detach(_ handle: UnsafeMutableRawPointer) -> Transfer? {
        guard let transfer = active.removeValue(forKey: handle) else { return nil }
        multi.remove(handle)
        return transfer
    }

    private func answer(_ submission: Submission, _ outcome: Result<OutboundResponse, HTTPClientError>) {
        // Room is made before the caller knows, so that it finds the room when it sends again.
        inbox.answered()
        submission.finish(outcome)
    }

    private func timeToNextDeadline(_ drainDeadline: ContinuousClock.Instant?) -> Duration {
        let deadlines = waiting.map(\.deadline) + (drainDeadline.map { [$0] } ?? [])
        guard let next = deadlines.min() else { return Self.longestWait }
        return min(ContinuousClock.now.duration(to: next), Self.longestWait)
    }
}
