/// A durable pull consumer as it should be on the server.
package struct NATSConsumer: Sendable, Equatable {
    /// The stream it reads.
    package var stream: String
    /// Its name on the server; all who use it share the work.
    package var durable: String
    /// The subjects it hands out, wildcards allowed.
    package var filter: String
    /// A message that is not acknowledged within this time is handed out again.
    package var ackWait: Duration
    /// Messages handed out and not acknowledged; the server hands out no more beyond.
    package var maxAckPending: Int
    /// How often one message is handed out at most; a net for messages that kill their reader.
    package var maxDeliver: Int

    /// A consumer with explicit acknowledgements that starts at the oldest message.
    package init(stream: String, durable: String, filter: String, ackWait: Duration, maxAckPending: Int, maxDeliver: Int) {
        self.stream = stream
        self.durable = durable
        self.filter = filter
        self.ackWait = ackWait
        self.maxAckPending = maxAckPending
        self.maxDeliver = maxDeliver
    }
}
