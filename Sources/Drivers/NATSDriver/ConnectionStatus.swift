import Logging
import Synchronization

/// What the library's callbacks tell about a connection; they reach this and nothing else of ours.
final class ConnectionStatus: Sendable {
    private struct State {
        var isConnected = false
        var generation = 0
    }

    private let state = Mutex(State())
    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    /// Whether the connection is up as far as the library knows.
    var isConnected: Bool { state.withLock { $0.isConnected } }

    /// Counts the times a connection came up. A new value means a server that may have lost its store.
    var generation: Int { state.withLock { $0.generation } }

    func connected() {
        let generation = state.withLock { state in
            state.isConnected = true
            state.generation += 1
            return state.generation
        }
        logger.debug("nats connected", metadata: ["generation": "\(generation)"])
    }

    func disconnected() {
        state.withLock { $0.isConnected = false }
        logger.debug("nats disconnected")
    }

    func failed(status: UInt32) {
        logger.debug("nats reported an error", metadata: ["status": "\(status)"])
    }
}
