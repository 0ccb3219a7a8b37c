import CNATS
import DriverThreads

/// Everything that is published goes through one thread, because a publish blocks while the socket is full or being connected again.
final class Sender: Sendable {
    private let thread: SerialThread
    private let handle: ConnectionHandle

    init(thread: SerialThread, handle: ConnectionHandle) {
        self.thread = thread
        self.handle = handle
    }

    /// Queues a publish without an answer; `false` when the queue is full or closed.
    func publish(_ payload: [UInt8], to subject: String) -> Bool {
        thread.submit { [handle] in
            // Core publishes are at most once: what the library cannot send is lost, as a dropped connection would lose it.
            _ = handle.publish(payload, to: subject)
        }
    }

    /// Queues a publish to JetStream; `completion` is called once, on a thread of the library or the sender's.
    func publish(
        _ payload: [UInt8], to subject: String, messageID: String, timeout: Duration, window: PublishWindow,
        completion: @escaping PublishWindow.Completion
    ) -> Bool {
        thread.submit { [handle] in
            var message: OpaquePointer?
            let count = Int32(payload.count)
            let created = payload.withUnsafeBytes { bytes in
                natsMsg_Create(&message, subject, nil, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), count)
            }
            guard created == NATS_OK, let key = message else {
                return window.refuse(completion, LibraryStatus.error(created, during: PublishWindow.operation))
            }
            window.add(completion, for: key)
            let sent = messageID.withCString { id in
                var options = jsPubOptions()
                jsPubOptions_Init(&options)
                options.MsgId = id
                options.MaxWait = timeout.wholeMilliseconds
                return js_PublishMsgAsync(handle.jetStream, &message, &options)
            }
            guard sent != NATS_OK else { return }
            // Not taken by the library, so its answer will never come.
            let unsent = window.take(key)
            natsMsg_Destroy(message)
            unsent?(.failure(LibraryStatus.error(sent, during: PublishWindow.operation)))
        }
    }
}

extension Duration {
    /// Nanoseconds, JetStream's unit in configurations.
    var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
