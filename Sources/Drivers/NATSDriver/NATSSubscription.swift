import CNATS

/// A core subscription: at most once, nothing is kept while nobody listens. For nudges, whose loss costs a poll interval.
package final class NATSSubscription: Sendable {
    private let handle: SubscriptionHandle
    private let box: MessageBox
    private let connection: NATSConnection
    private let ending: Int

    init(handle: SubscriptionHandle, box: MessageBox, connection: NATSConnection) throws(NATSError) {
        self.handle = handle
        self.box = box
        self.connection = connection
        ending = try connection.remember { box.close() }
    }

    deinit {
        connection.forget(ending)
        box.close()
    }

    /// Messages that were dropped because the reader was slower than the bound allows.
    package var dropped: Int { box.dropped }

    /// Everything that has arrived, at least one message; waits for it. One task at a time.
    ///
    /// Throws `closed` after `NATSConnection.close()`, `CancellationError` when the task is cancelled.
    package func next() async throws -> [NATSMessage] {
        guard let messages = await box.take() else { throw NATSError(.closed, during: "waiting for messages") }
        if messages.isEmpty { throw CancellationError() }
        return messages
    }
}

extension NATSConnection {
    /// Listens on a subject, wildcards allowed; ends when the subscription is released. Costs a thread of the library: prefer one wildcard.
    ///
    /// - Parameter capacity: messages kept for a slow reader; further ones are dropped and counted.
    package func subscribe(to subject: String, capacity: Int = 1024) async throws(NATSError) -> NATSSubscription {
        let operation = "subscribing"
        let handle = try current(operation).handle
        let box = MessageBox(capacity: capacity)
        let subscription = try await control(operation) { () throws(NATSError) in
            // Held by the handler until the completion callback.
            let context = Unmanaged.passRetained(box)
            var subscription: OpaquePointer?
            let status = natsConnection_Subscribe(&subscription, handle.connection, subject, messageArrived, context.toOpaque())
            guard status == NATS_OK, let subscription else {
                context.release()
                throw LibraryStatus.error(status, during: operation)
            }
            let taken = SubscriptionHandle(taking: subscription)
            try LibraryStatus.check(
                natsSubscription_SetOnCompleteCB(subscription, subscriptionCompleted, context.toOpaque()), during: operation)
            return taken
        }
        return try NATSSubscription(handle: subscription, box: box, connection: self)
    }
}
