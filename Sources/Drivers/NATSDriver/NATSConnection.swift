import CNATS
import DriverThreads
package import Logging
import Synchronization

/// One connection to NATS that is made again for ever when it drops, until `close()`.
///
/// No call blocks the caller's thread: publishes go through a sender thread, requests through a control thread.
package final class NATSConnection: Sendable {
    /// How to connect.
    package struct Configuration: Sendable {
        /// `nats://user:password@host:port`. A secret: never log it.
        package var url: String
        /// Shown in the server's monitoring.
        package var name: String
        /// The longest a request to the server may take. Default 5 s.
        package var requestTimeout: Duration
        /// The longest to wait for a stream's answer to a publish. Default 5 s.
        package var publishTimeout: Duration
        /// The wait between attempts to connect again. Default 100 ms: a local server is back in 30.
        package var reconnectDelay: Duration
        /// Publishes to streams that may wait for their answer. Default 4,096: twice what saturates a server here.
        package var publishWindow: Int
        /// Publishes that may wait for the sender thread. Default 16,384.
        package var sendQueue: Int

        /// A configuration with the defaults.
        package init(
            url: String, name: String, requestTimeout: Duration = .seconds(5), publishTimeout: Duration = .seconds(5),
            reconnectDelay: Duration = .milliseconds(100), publishWindow: Int = 4096, sendQueue: Int = 16_384
        ) {
            self.url = url
            self.name = name
            self.requestTimeout = requestTimeout
            self.publishTimeout = publishTimeout
            self.reconnectDelay = reconnectDelay
            self.publishWindow = publishWindow
            self.sendQueue = sendQueue
        }
    }

    private struct State {
        var handle: ConnectionHandle?
        var sender: Sender?
        var isClosed = false
        /// What ends the waiting of each open subscription.
        var endings: [Int: @Sendable () -> Void] = [:]
        var nextEnding = 0
    }

    /// Requests that may wait for the control thread; each takes a round trip, so a longer queue would only time out.
    private static let controlQueue = 256

    let configuration: Configuration
    let status: ConnectionStatus
    private let window: PublishWindow
    private let senderThread: SerialThread
    private let controlThread: SerialThread
    private let state = Mutex(State())

    /// Keeps the configuration and starts two threads; nothing is connected yet.
    package init(configuration: Configuration, logger: Logger) throws {
        self.configuration = configuration
        status = ConnectionStatus(logger: logger)
        window = PublishWindow(limit: configuration.publishWindow)
        senderThread = try SerialThread(name: "nats-sender", capacity: configuration.sendQueue)
        controlThread = try SerialThread(name: "nats-control", capacity: Self.controlQueue)
    }

    /// Whether the connection is up now, as far as the library knows.
    package var isConnected: Bool { status.isConnected }

    /// Connects once; throws `notConnected` when no server answers. After the first success the connection is kept up by itself.
    package func connect() async throws(NATSError) {
        let handle = try await control("connecting") { [configuration, status, window] () throws(NATSError) in
            try ConnectionOptions(configuration: configuration).connect(status: status, window: window)
        }
        let isClosed = state.withLock { state in
            guard !state.isClosed else { return true }
            state.handle = handle
            state.sender = Sender(thread: senderThread, handle: handle)
            return false
        }
        status.connected()
        if isClosed { throw NATSError(.closed, during: "connecting") }
    }

    /// Publishes to whoever listens now, at most once; returns when it is queued. Throws `busy` when the queue is full.
    package func publish(_ payload: [UInt8], to subject: String) throws(NATSError) {
        let sender = try current("publishing").sender
        guard sender.publish(payload, to: subject) else { throw NATSError(.busy, during: "publishing") }
    }

    /// Publishes to the stream that takes `subject`; `completion` is called once, on a thread that must not be blocked.
    ///
    /// - Parameter messageID: the stream drops a second message with this id within its duplicate window.
    /// - Throws: `busy` when the window is full, `closed`, `notConnected` before the first `connect()`; then `completion` is not called.
    ///   Afterwards failures come by `completion`: `missing` when no stream takes the subject, `timedOut` when the outcome is unknown.
    package func publishToStream(
        _ payload: [UInt8], subject: String, messageID: String,
        completion: @escaping @Sendable (Result<NATSPublishOutcome, NATSError>) -> Void
    ) throws(NATSError) {
        let sender = try current(PublishWindow.operation).sender
        try window.reserve()
        let isQueued = sender.publish(
            payload, to: subject, messageID: messageID, timeout: configuration.publishTimeout, window: window, completion: completion)
        guard isQueued else {
            window.release()
            throw NATSError(.busy, during: PublishWindow.operation)
        }
    }

    /// Publishes to the stream that takes `subject` and waits for its answer; many callers share one round trip.
    package func publishToStream(_ payload: [UInt8], subject: String, messageID: String) async throws(NATSError) -> NATSPublishOutcome {
        let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<NATSPublishOutcome, NATSError>, Never>) in
            do throws(NATSError) {
                try publishToStream(payload, subject: subject, messageID: messageID) { continuation.resume(returning: $0) }
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }

    /// Ends the connection for good: whoever waits for an answer or a message gets `closed`. Twice does nothing.
    package func close() async {
        let (handle, endings) = state.withLock { state in
            state.isClosed = true
            defer { state.endings = [:] }
            return (state.handle, state.endings)
        }
        window.close()
        for end in endings.values { end() }
        // What is queued is still sent, so the acknowledgements of a drained worker are not lost.
        _ = await senderThread.perform {}
        senderThread.finish()
        _ = await controlThread.perform { handle?.close() }
        controlThread.finish()
    }
}

extension NATSConnection {
    /// The connection's parts, once connected.
    func current(_ operation: String) throws(NATSError) -> (handle: ConnectionHandle, sender: Sender) {
        try state.withLock { state throws(NATSError) in
            guard !state.isClosed else { throw NATSError(.closed, during: operation) }
            guard let handle = state.handle, let sender = state.sender else { throw NATSError(.notConnected, during: operation) }
            return (handle, sender)
        }
    }

    /// Runs a blocking call of the library on the control thread.
    func control<Answer: Sendable>(
        _ operation: String, _ call: @escaping @Sendable () throws(NATSError) -> Answer
    ) async throws(NATSError) -> Answer {
        let result = await controlThread.perform { () -> Result<Answer, NATSError> in
            do throws(NATSError) { return .success(try call()) } catch { return .failure(error) }
        }
        guard let result else { throw NATSError(.busy, during: operation) }
        return try result.get()
    }

    /// Registers what `close()` must end; answers the key for `forget`.
    func remember(_ end: @escaping @Sendable () -> Void) throws(NATSError) -> Int {
        try state.withLock { state throws(NATSError) in
            guard !state.isClosed else { throw NATSError(.closed, during: "subscribing") }
            state.nextEnding += 1
            state.endings[state.nextEnding] = end
            return state.nextEnding
        }
    }

    func forget(_ ending: Int) { state.withLock { _ = $0.endings.removeValue(forKey: ending) } }
}
