import EventSourcing
import Logging
import PostgresDriver

/// What a writer thread does: takes what waits, commits it, answers; connects anew when the connection breaks.
///
/// One statement is in flight. Nothing is ever answered as stored before the server has said that it is committed.
struct CommitLoop<Committer: GroupCommitter> {
    typealias Entry = CommitEntry<Committer.Request, Committer.Answer>

    private var committer: Committer
    private let queue: CommitQueue<Committer.Request, Committer.Answer>
    private let connector: WriterConnector
    private let limits: GroupLimits
    private var connection: BlockingPostgresConnection?
    private var stopReason: EventStoreError?

    init(_ committer: Committer, queue: CommitQueue<Committer.Request, Committer.Answer>, connector: WriterConnector, limits: GroupLimits) {
        self.committer = committer
        self.queue = queue
        self.connector = connector
        self.limits = limits
    }

    /// Blocks until the queue is closed and drained, or this process must write no more, which it answers with the reason.
    mutating func run() -> EventStoreError? {
        var nobody: [Entry] = []
        connectAnew(for: &nobody, isOutcomeUnknown: false)
        while stopReason == nil {
            let group = queue.takeGroup(limits)
            if group.isEmpty { return nil }
            settle(group, .first)
        }
        if let stopReason { queue.fail(stopReason) }
        return stopReason
    }

    /// Gives every entry of the group its answer.
    private mutating func settle(_ entries: [Entry], _ firstSending: Sending) {
        var group = entries
        var sending = firstSending
        var races = 0
        while !group.isEmpty {
            guard stopReason == nil, let connection, connection.isUsable else {
                connectAnew(for: &group, isOutcomeUnknown: sending == .resent)
                continue
            }
            do {
                let answer = try connector.watch.observing(connection) { try committer.commit(group.map(\.request), &sending, on: connection) }
                let rest = Self.answer(group, answer.results)
                committer.answered()
                // Without progress somebody else is in the way.
                races += rest.count == group.count ? 1 : 0
                group = rest
                guard races <= connector.raceLimit else { return fail(group, sending == .resent ? .unknownOutcome : .overloaded) }
            } catch let error as PostgresError {
                connector.logger.debug("a group was not committed", metadata: ["error": "\(error)", "size": "\(group.count)"])
                switch CommitFailure(error) {
                case .connectionLost:
                    if error.code != .connectionLost(outcomeUnknown: false) { sending = .resent }
                    connection.close()
                case .raced:
                    races += 1
                    guard races <= connector.raceLimit else { return fail(group, sending == .resent ? .unknownOutcome : .overloaded) }
                case .stored where sending == .first: sending = .lookingUp
                case .stored, .unacceptable: return split(group, sending, because: error)
                case .refused: return fail(group, sending == .resent ? .unknownOutcome : .unavailable)
                }
            } catch {
                stopReason = error as? EventStoreError ?? EventStoreError(.corrupt("\(error)"))
            }
        }
    }

    /// Gives the answers there are, and answers the entries that have none.
    private static func answer(_ group: [Entry], _ results: [Result<Committer.Answer, EventStoreError>?]) -> [Entry] {
        var rest: [Entry] = []
        for (entry, result) in zip(group, results) {
            if let result { entry.answer(result) } else { rest.append(entry) }
        }
        return rest
    }

    /// Halves a group until the request that Postgres refuses stands alone.
    private mutating func split(_ group: [Entry], _ sending: Sending, because error: PostgresError) {
        guard group.count > 1 else { return fail(group, .invalid("this request (\(error))")) }
        settle(Array(group[..<(group.count / 2)]), sending)
        settle(Array(group[(group.count / 2)...]), sending)
    }

    private func fail(_ group: [Entry], _ code: EventStoreError.Code) {
        for entry in group { entry.fail(code) }
    }

    /// Connects, however long it takes. Callers who have waited too long are answered and leave the group; all do when nothing more is written.
    private mutating func connectAnew(for group: inout [Entry], isOutcomeUnknown: Bool) {
        let code: EventStoreError.Code = isOutcomeUnknown ? .unknownOutcome : .unavailable
        var delay = connector.firstDelay
        while stopReason == nil, !queue.isClosed {
            do {
                let opened = try BlockingPostgresConnection(configuration: connector.configuration)
                try connector.watch.observing(opened) { try committer.connected(opened) }
                connection = opened
                return
            } catch let stop as EventStoreError {
                stopReason = stop
            } catch {
                connector.logger.warning("the event log's writer has no connection", metadata: ["error": "\(error)"])
                let deadline = ContinuousClock.now - connector.patience
                for entry in group where entry.submitted < deadline { entry.fail(code) }
                group.removeAll { $0.submitted < deadline }
                queue.expire(before: deadline)
                queue.pause(delay * Double.random(in: 0.5...1))
                delay = min(delay * 2, connector.longestDelay)
            }
        }
        fail(group, isOutcomeUnknown ? .unknownOutcome : stopReason?.code ?? .unavailable)
        group = []
    }
}

/// How a writer thread gets its connection.
struct WriterConnector: Sendable {
    let configuration: PostgresConfiguration
    /// How long callers wait for a connection before they are told.
    let patience: Duration
    let logger: Logger
    /// Ends statements that are never answered.
    let watch = CommitWatch()
    /// The first pause after a failed attempt; doubled each time.
    var firstDelay = Duration.milliseconds(20)
    /// Short enough that a restarted server is noticed within the patience.
    var longestDelay = Duration.seconds(1)
    /// How often a statement is sent again because somebody held a row: each waits up to the lock timeout of 2 s.
    var raceLimit = 5
}
