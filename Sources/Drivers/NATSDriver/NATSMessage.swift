import CNATS

/// A message with its bytes copied, free of the library.
package struct NATSMessage: Sendable {
    /// The subject it was published to.
    package let subject: String
    package let payload: [UInt8]
    /// How often the consumer has handed it out, this time included; 1 for a core message.
    package let deliveries: Int
    /// Where acknowledgements go; `nil` when none is expected.
    private let reply: String?
    private let sender: Sender?

    /// Done: the message is not handed out again. Queued, not confirmed: a lost acknowledgement shows as a redelivery.
    package func ack() { answer("+ACK") }

    /// Not done: the message is handed out again after `delay`.
    package func nak(delay: Duration = .zero) {
        let nanoseconds = delay.components.seconds * 1_000_000_000 + delay.components.attoseconds / 1_000_000_000
        answer(nanoseconds > 0 ? "-NAK {\"delay\": \(nanoseconds)}" : "-NAK")
    }

    /// Will never be done: the message is not handed out again.
    package func term() { answer("+TERM") }

    /// Source: NATS documentation, "JetStream wire API: acknowledging messages".
    private func answer(_ text: String) {
        guard let reply, let sender else { return }
        // A full queue loses the acknowledgement, which is safe: the message comes again.
        _ = sender.publish(Array(text.utf8), to: reply)
    }
}

extension NATSMessage {
    /// Copies a message out of the library; the caller frees it.
    static func copy(of message: OpaquePointer, answeringWith sender: Sender? = nil) -> NATSMessage {
        let count = Int(natsMsg_GetDataLength(message))
        let payload = natsMsg_GetData(message).map { data in
            data.withMemoryRebound(to: UInt8.self, capacity: count) { Array(UnsafeBufferPointer(start: $0, count: count)) }
        }
        var deliveries = 1
        var meta: UnsafeMutablePointer<jsMsgMetaData>?
        if sender != nil, natsMsg_GetMetaData(&meta, message) == NATS_OK, let found = meta?.pointee {
            deliveries = Int(found.NumDelivered)
            jsMsgMetaData_Destroy(meta)
        }
        return NATSMessage(
            subject: natsMsg_GetSubject(message).map { String(cString: $0) } ?? "", payload: payload ?? [], deliveries: deliveries,
            reply: natsMsg_GetReply(message).map { String(cString: $0) }, sender: sender)
    }
}
