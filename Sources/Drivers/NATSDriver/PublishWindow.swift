import Synchronization

/// The publishes to JetStream that wait for their answer, bounded.
///
/// The library has no context a message, but it hands the same message back, so its address is the key while it lives.
final class PublishWindow: Sendable {
    typealias Completion = @Sendable (Result<NATSPublishOutcome, NATSError>) -> Void
    static let operation = "publishing to a stream"

    private struct State {
        var reserved = 0
        var isClosed = false
        var waiting: [UInt: Completion] = [:]
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Takes one place for a publish that is about to be queued.
    func reserve() throws(NATSError) {
        try state.withLock { state throws(NATSError) in
            guard !state.isClosed else { throw NATSError(.closed, during: Self.operation) }
            guard state.reserved < limit else { throw NATSError(.busy, during: Self.operation) }
            state.reserved += 1
        }
    }

    /// Gives a place back that was never used.
    func release() { state.withLock { $0.reserved -= 1 } }

    /// Remembers who waits for the answer to `message`.
    func add(_ completion: @escaping Completion, for message: OpaquePointer) {
        let key = UInt(bitPattern: message)
        let isClosed = state.withLock { state in
            if !state.isClosed { state.waiting[key] = completion }
            return state.isClosed
        }
        if isClosed { completion(.failure(NATSError(.closed, during: Self.operation))) }
    }

    /// Who waits for the answer to `message`, once; the place is free again.
    func take(_ message: OpaquePointer) -> Completion? {
        let key = UInt(bitPattern: message)
        return state.withLock { state in
            guard let completion = state.waiting.removeValue(forKey: key) else { return nil }
            state.reserved -= 1
            return completion
        }
    }

    /// Answers a publish that never got a message.
    func refuse(_ completion: Completion, _ error: NATSError) {
        release()
        completion(.failure(error))
    }

    /// Answers everybody who waits with `closed`; later answers of the server find nobody.
    func close() {
        let waiting = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [:] }
            return state.waiting
        }
        for completion in waiting.values { completion(.failure(NATSError(.closed, during: Self.operation))) }
    }
}

/// What a stream did with a published message.
package enum NATSPublishOutcome: Sendable, Equatable {
    /// It is in the stream under this number. In the server's memory, not yet on its disk: the log is the truth.
    case stored(sequence: UInt64)
    /// A message with this id is in the stream already.
    case duplicate
}
