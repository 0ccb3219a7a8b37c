import CNATS

/// Owns one `natsConnection` and its JetStream context, and frees both once, when the last user is gone.
final class ConnectionHandle: @unchecked Sendable {
    // Unchecked: the library guards both objects with locks of its own; the pointers never change.
    let connection: OpaquePointer
    let jetStream: OpaquePointer

    /// Takes over both objects.
    init(taking connection: OpaquePointer, jetStream: OpaquePointer) {
        self.connection = connection
        self.jetStream = jetStream
    }

    deinit {
        jsCtx_Destroy(jetStream)
        natsConnection_Destroy(connection)
    }

    /// Ends the connection; every call that waits in the library returns with an error. May block: control thread only.
    func close() { natsConnection_Close(connection) }

    /// Publishes without an answer. Blocks for as long as the socket is full: sender thread only.
    func publish(_ payload: [UInt8], to subject: String) -> natsStatus {
        natsConnection_Publish(connection, subject, payload, Int32(payload.count))
    }
}

/// Owns one `natsSubscription`.
final class SubscriptionHandle: @unchecked Sendable {
    // Unchecked: as above.
    let subscription: OpaquePointer

    /// Takes over the subscription.
    init(taking subscription: OpaquePointer) { self.subscription = subscription }

    deinit { natsSubscription_Destroy(subscription) }
}
