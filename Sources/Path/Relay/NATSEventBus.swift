package import EventSourcing
package import NATSDriver
import Synchronization
package import Vocabulary

/// The bus over JetStream: a stream a lane, so that a flood in one can neither evict nor slow another, and in it a subject a node.
///
/// Streams and consumers are made when they are missing, at the start and after a server lost its store. Pointers are acknowledged when
/// they are taken: the database says what is done, and publishes again what is not.
package final class NATSEventBus: EventBus {
    /// How the lanes' streams are kept.
    package struct Configuration: Sendable {
        /// First word of the streams' names; tests and installations that share a server differ in it. Letters, digits, `_`, `-`.
        package var prefix = "fastn"
        /// The node whose work the pointers are of: it publishes for its own workers, since it owns the slices. Letters and digits, `-`.
        package var node = "only"
        /// Older pointers are dropped; the database publishes again what they pointed to.
        package var maxAge: Duration = .seconds(600)
        /// Bytes a lane. A pointer takes about 300, and credit keeps a few thousand of them out at once.
        package var maxBytes: Int64 = 64 << 20
        /// A pointer that was fetched and not acknowledged, because its reader died, comes again after this.
        package var ackWait: Duration = .seconds(10)

        package init() {}
    }

    /// Pointers fetched and not acknowledged: far above what readers hold, since they acknowledge at once.
    private static let maxAckPending = 10_000
    /// How often one pointer is handed out at most; the database hands out what its readers keep dying of.
    private static let maxDeliver = 10

    private let connection: NATSConnection
    private let configuration: Configuration
    /// Part of every message id: a new process must be able to publish what an earlier one did, within the duplicate window too.
    private let session: UInt64
    private let subscriptions = Mutex<[Lane: NATSPullSubscription]>([:])

    /// `connection` is connected or will be; `session` differs from start to start.
    package init(connection: NATSConnection, configuration: Configuration = .init(), session: UInt64) {
        self.connection = connection
        self.configuration = configuration
        self.session = session
    }

    package func publish(_ jobs: [Job], attempt: Int) async throws(EventBusError) {
        let missing = try await send(jobs, attempt: attempt)
        guard !missing.isEmpty else { return }
        for lane in Set(missing.map(\.lane)) { try await ensureStream(lane) }
        guard try await send(missing, attempt: attempt).isEmpty else { throw .unavailable("its streams vanish") }
    }

    package func receive(_ lane: Lane, limit: Int) async throws(EventBusError) -> [Job] {
        while true {
            let messages: [NATSMessage]
            do {
                messages = try await subscription(lane).next(max: limit)
            } catch let error as EventBusError {
                throw error
            } catch let error as NATSError {
                subscriptions.withLock { $0[lane] = nil }
                throw Self.busError(error)
            } catch {
                // Only a cancelled task gets here.
                throw .closed
            }
            for message in messages { message.ack() }
            // What is not a pointer of ours is acknowledged and forgotten.
            let jobs = messages.compactMap { Job(pointer: String(decoding: $0.payload, as: UTF8.self)) }
            if !jobs.isEmpty { return jobs }
        }
    }
}

extension NATSEventBus {
    private func subject(_ lane: Lane) -> String { "\(configuration.prefix).\(lane.name).\(configuration.node)" }
    private func streamName(_ lane: Lane) -> String { "\(configuration.prefix)_\(lane.name)" }

    /// Sends all and waits for all answers; answers those for which there is no stream.
    private func send(_ jobs: [Job], attempt: Int) async throws(EventBusError) -> [Job] {
        let tally = PublishTally(count: jobs.count)
        for job in jobs {
            do throws(NATSError) {
                try connection.publishToStream(
                    Array(job.pointer.utf8), subject: subject(job.lane), messageID: "\(session):\(job.stream):\(job.due.microseconds):\(attempt)"
                ) { result in
                    switch result {
                    case .success: tally.answered(job, nil)
                    case .failure(let error): tally.answered(job, error)
                    }
                }
            } catch {
                tally.answered(job, error)
            }
        }
        let failures = await tally.failures()
        if let failure = failures.first(where: { $0.error.code != .missing }) { throw Self.busError(failure.error) }
        return failures.map(\.job)
    }

    private func ensureStream(_ lane: Lane) async throws(EventBusError) {
        do throws(NATSError) {
            try await connection.ensureStream(
                NATSStream(
                    name: streamName(lane), subjects: ["\(configuration.prefix).\(lane.name).*"], maxAge: configuration.maxAge,
                    maxBytes: configuration.maxBytes))
        } catch {
            throw Self.busError(error)
        }
    }

    /// The lane's reader, made at the first use. Two at once are harmless: what the loser fetched comes again.
    private func subscription(_ lane: Lane) async throws(EventBusError) -> NATSPullSubscription {
        if let open = subscriptions.withLock({ $0[lane] }) { return open }
        try await ensureStream(lane)
        do throws(NATSError) {
            let opened = try await connection.pull(
                NATSConsumer(
                    stream: streamName(lane), durable: "workers-\(configuration.node)", filter: subject(lane), ackWait: configuration.ackWait,
                    maxAckPending: Self.maxAckPending, maxDeliver: Self.maxDeliver))
            subscriptions.withLock { $0[lane] = opened }
            return opened
        } catch {
            throw Self.busError(error)
        }
    }

    private static func busError(_ error: NATSError) -> EventBusError {
        error.code == .closed ? .closed : .unavailable(error.description)
    }
}
