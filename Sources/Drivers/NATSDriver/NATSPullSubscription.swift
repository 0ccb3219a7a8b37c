import CNATS
import DriverThreads

/// A reader of a durable consumer: at least once, with back-pressure, kept up by itself.
///
/// A thread fetches what is asked for. When the server has lost the consumer, the thread creates it again as soon as the stream is
/// there; meanwhile `next` waits.
package final class NATSPullSubscription: Sendable {
    private let box: PullBox
    private let connection: NATSConnection
    private let ending: Int

    init(box: PullBox, connection: NATSConnection) throws(NATSError) {
        self.box = box
        self.connection = connection
        ending = try connection.remember { box.close() }
    }

    deinit { close() }

    /// Up to `max` messages, at least one; waits for it. Several tasks may ask; they are served in order.
    ///
    /// Throws `closed` after `close()`, `busy` when too many tasks wait, `CancellationError` when the task is cancelled.
    package func next(max: Int) async throws -> [NATSMessage] { try await box.next(max: max) }

    /// Ends the waiting tasks; the thread ends within its fetch time. The consumer stays on the server.
    package func close() {
        connection.forget(ending)
        box.close()
    }
}

extension NATSConnection {
    /// Creates the consumer, or changes the one of that name, and reads from it.
    ///
    /// Throws `missing` when the stream does not exist.
    package func pull(_ consumer: NATSConsumer) async throws(NATSError) -> NATSPullSubscription {
        let operation = "creating a consumer"
        let (handle, sender) = try current(operation)
        let first = try await control(operation) { () throws(NATSError) in try PullReader.subscribe(consumer, handle) }
        let box = PullBox()
        let subscription = try NATSPullSubscription(box: box, connection: self)
        let reader = PullReader(consumer: consumer, handle: handle, sender: sender, status: status, box: box)
        do throws(ThreadStartError) {
            try DedicatedThread.start(name: "nats-pull") { reader.run(startingWith: first) }
        } catch {
            throw NATSError(.busy, during: operation)
        }
        return subscription
    }
}
