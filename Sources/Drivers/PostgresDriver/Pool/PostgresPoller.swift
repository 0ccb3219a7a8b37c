import CPostgres
import Glibc
import Synchronization

/// One thread that waits for the sockets of all connections of a pool and lets each read what has arrived.
///
/// Source: epoll(7); level-triggered, so nothing that a connection leaves unread is forgotten.
final class PostgresPoller: Sendable {
    /// The kernel refused a descriptor; raise the limit of open files.
    struct CreationError: Error, CustomStringConvertible {
        let code: Int32
        var description: String { "cannot watch Postgres connections (error \(code)): raise the limit of open files" }
    }

    /// How often the owner hears `onTick`: waiting callers are timed out this exactly, at ten cheap wake-ups a second.
    static let tickMilliseconds: Int32 = 100

    /// Marks the descriptor that stops the loop; connections count from 1.
    private static let stopToken: UInt64 = 0

    private let epoll: Int32
    private let stopDescriptor: Int32
    private let connections = Mutex<[UInt64: PostgresConnection]>([:])

    init() throws(CreationError) {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        stopDescriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard epoll >= 0, stopDescriptor >= 0 else { throw CreationError(code: errno) }
        control(EPOLL_CTL_ADD, stopDescriptor, EPOLLIN.rawValue, Self.stopToken)
    }

    deinit {
        Glibc.close(epoll)
        Glibc.close(stopDescriptor)
    }

    func watch(_ connection: PostgresConnection, socket: Int32) {
        connections.withLock { $0[connection.id] = connection }
        control(EPOLL_CTL_ADD, socket, EPOLLIN.rawValue, connection.id)
    }

    /// Also tells when the socket takes bytes again, or no longer.
    func setWriting(_ isWriting: Bool, _ id: UInt64, socket: Int32) {
        control(EPOLL_CTL_MOD, socket, isWriting ? EPOLLIN.rawValue | EPOLLOUT.rawValue : EPOLLIN.rawValue, id)
    }

    /// Forgets a connection; call it before the socket is closed, or its number may soon mean another one.
    func ignore(_ id: UInt64, socket: Int32) {
        control(EPOLL_CTL_DEL, socket, 0, id)
        _ = connections.withLock { $0.removeValue(forKey: id) }
    }

    /// Ends `run`.
    func stop() {
        var one: UInt64 = 1
        _ = write(stopDescriptor, &one, MemoryLayout<UInt64>.size)
    }

    /// Blocks until `stop`; the body of a thread. `onBroken` hears of each connection that broke.
    func run(onBroken: (UInt64) -> Void, onTick: () -> Void) {
        let tick = Duration.milliseconds(Int(Self.tickMilliseconds))
        let batchLimit = 64
        var events = [epoll_event](repeating: epoll_event(), count: batchLimit)
        var nextTick = ContinuousClock.now + tick
        while true {
            let count = epoll_wait(epoll, &events, Int32(batchLimit), Self.tickMilliseconds)
            for event in events.prefix(Int(max(0, count))) {
                let token = event.data.u64
                guard token != Self.stopToken else { return }
                guard let connection = connections.withLock({ $0[token] }) else { continue }
                if connection.socketIsReady() { onBroken(token) }
            }
            let now = ContinuousClock.now
            guard now >= nextTick else { continue }
            nextTick = now + tick
            onTick()
        }
    }

    private func control(_ operation: Int32, _ socket: Int32, _ events: UInt32, _ token: UInt64) {
        var event = epoll_event(events: events, data: epoll_data_t(u64: token))
        // It fails only for a descriptor that is closed already, whose connection is broken and known to be.
        _ = epoll_ctl(epoll, operation, socket, &event)
    }
}
