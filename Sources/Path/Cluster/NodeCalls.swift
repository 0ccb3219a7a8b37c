package import EventSourcing
package import Logging
package import NATSDriver
import Synchronization
package import Vocabulary

/// Questions and answers between nodes over core NATS: at most once, so that whoever gets no answer asks again, with the same ids.
///
/// What is larger than a message may be is left in the database, and the message says where.
package final class NodeCalls: Sendable {
    /// Bytes of a message that goes over the bus: half of what a NATS server takes by default.
    private static let messageLimit = 512 << 10
    /// Questions that this node works on at once; more are dropped, and asked again later.
    private static let questionLimit = 2048

    /// A message and who wrote it.
    private struct Envelope: Codable {
        let call: UInt64
        let from: NodeID
        let message: NodeMessage?
        /// Where the message is when it is not here.
        var parcel: Address?
    }

    /// Where a parcel is.
    private struct Address: Codable {
        let id: ParcelID
        let slice: Int16
    }

    /// A question that was asked: the answer may be here before its caller waits for it.
    private enum Call {
        case asked
        case waiting(CheckedContinuation<NodeAnswer?, Never>)
        case answered(NodeAnswer?)
    }

    private struct State {
        var last: UInt64 = 0
        var calls: [UInt64: Call] = [:]
        var questions = 0
    }

    private let connection: NATSConnection
    private let prefix: String
    private let node: NodeID
    private let parcels: any Parcels
    private let ids: any IDSource
    private let logger: Logger
    private let state = Mutex(State())

    /// `prefix` keeps installations apart that share a NATS server.
    package init(connection: NATSConnection, prefix: String, node: NodeID, parcels: any Parcels, ids: any IDSource, logger: Logger) {
        self.connection = connection
        self.prefix = prefix
        self.node = node
        self.parcels = parcels
        self.ids = ids
        self.logger = logger
    }

    private var everybody: String { "\(prefix).nodes" }

    private func subject(of node: NodeID) -> String { "\(prefix).node.\(node)" }

    /// Asks a node; nil when it does not answer within `limit`, and then it may still do what it was asked.
    package func ask(_ question: NodeQuestion, of other: NodeID, within limit: Duration) async -> NodeAnswer? {
        let call = state.withLock { state in
            state.last += 1
            state.calls[state.last] = .asked
            return state.last
        }
        defer { state.withLock { _ = $0.calls.removeValue(forKey: call) } }
        return await withTaskGroup(of: NodeAnswer?.self) { group in
            group.addTask { await self.answer(to: call) { await self.send(NodeMessage(question), call, to: other) } }
            group.addTask {
                // Cut short when the answer is there first.
                try? await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    /// Tells all nodes that slices are free.
    package func tellOfRelease() {
        // Lost (try?), it costs the others the rest of a heartbeat.
        try? connection.publish([], to: everybody)
    }

    /// Answers what others ask until the task is cancelled; `heardOfRelease` is called when another node has given slices up.
    package func run(
        heardOfRelease: @escaping @Sendable () -> Void, answering handler: @escaping @Sendable (NodeQuestion) async -> NodeAnswer
    ) async throws {
        let own = try await connection.subscribe(to: subject(of: node), capacity: 2 * Self.questionLimit)
        let common = try await connection.subscribe(to: everybody)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while true {
                    _ = try await common.next()
                    heardOfRelease()
                }
            }
            group.addTask {
                try await withThrowingDiscardingTaskGroup { calls in
                    while true {
                        for message in try await own.next() { calls.addTask { await self.take(message.payload, handler) } }
                    }
                }
            }
            defer { group.cancelAll() }
            do { try await group.next() } catch let error as NATSError where error.code == .closed {}
        }
    }
}

extension NodeCalls {
    private func answer(to call: UInt64, asking send: @Sendable () async -> Void) async -> NodeAnswer? {
        await withTaskCancellationHandler {
            await send()
            return await withCheckedContinuation { continuation in
                let early: NodeAnswer?? = state.withLock { state in
                    if case .answered(let answer)? = state.calls[call] { return answer }
                    state.calls[call] = .waiting(continuation)
                    return nil
                }
                if let early { continuation.resume(returning: early) }
            }
        } onCancel: {
            settle(call, nil)
        }
    }

    /// Gives a call its answer, nil when it is given up; what nobody asked any more is dropped.
    private func settle(_ call: UInt64, _ answer: NodeAnswer?) {
        let waiting = state.withLock { state -> CheckedContinuation<NodeAnswer?, Never>? in
            switch state.calls[call] {
            case .asked: state.calls[call] = .answered(answer)
            case .waiting(let continuation):
                state.calls[call] = .answered(answer)
                return continuation
            case .answered, nil: break
            }
            return nil
        }
        waiting?.resume(returning: answer)
    }

    /// What cannot be sent is as good as lost on the way.
    private func send(_ message: NodeMessage, _ call: UInt64, to other: NodeID) async {
        do {
            let whole = try CBOR.encode(Envelope(call: call, from: node, message: message))
            guard whole.count > Self.messageLimit else { return try connection.publish(whole, to: subject(of: other)) }
            // Only batches are as large.
            guard let slice = message.slice else { throw EventStoreError(.invalid("a message of \(whole.count) bytes")) }
            let parcel = Address(id: ids.next(), slice: slice.number)
            try await parcels.leave(try CBOR.encode(message), as: parcel.id, of: slice)
            try connection.publish(try CBOR.encode(Envelope(call: call, from: node, message: nil, parcel: parcel)), to: subject(of: other))
        } catch { logger.debug("another node could not be reached", metadata: ["error": "\(error)"]) }
    }

    private func take(_ payload: [UInt8], _ handler: @Sendable (NodeQuestion) async -> NodeAnswer) async {
        do {
            let envelope = try CBOR.decode(Envelope.self, from: payload)
            guard let message = try await message(of: envelope) else { return }
            if let answer = message.answer {
                settle(envelope.call, answer)
            } else if let question = message.question, begin() {
                defer { state.withLock { $0.questions -= 1 } }
                await send(NodeMessage(await handler(question)), envelope.call, to: envelope.from)
            }
        } catch { logger.warning("another node sends what this one cannot read", metadata: ["error": "\(error)"]) }
    }

    private func message(of envelope: Envelope) async throws -> NodeMessage? {
        guard let parcel = envelope.parcel else { return envelope.message }
        // Fetched before, when the message came twice.
        guard let slice = Slice(number: parcel.slice), let bytes = try await parcels.fetch(parcel.id, of: slice) else { return nil }
        return try CBOR.decode(NodeMessage.self, from: bytes)
    }

    private func begin() -> Bool {
        state.withLock { state in
            guard state.questions < Self.questionLimit else { return false }
            state.questions += 1
            return true
        }
    }
}
