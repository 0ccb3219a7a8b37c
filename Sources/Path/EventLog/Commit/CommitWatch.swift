import PostgresDriver
import Synchronization

/// Ends a writer thread's wait for a server that does not answer: of a disk that hangs no timeout of the server's knows.
final class CommitWatch: Sendable {
    private struct Wait {
        let breaker: ConnectionBreaker
        let began: ContinuousClock.Instant
    }

    private let wait = Mutex<Wait?>(nil)

    /// Runs `body`, which works on the connection and on no other.
    func observing<Value>(_ connection: BlockingPostgresConnection, _ body: () throws -> Value) rethrows -> Value {
        let breaker = connection.makeBreaker()
        wait.withLock { $0 = breaker.map { Wait(breaker: $0, began: .now) } }
        defer { wait.withLock { $0 = nil } }
        return try body()
    }

    /// Breaks the connection if what runs on it began before `deadline`; the thread then finds out what became of it, as after any loss.
    func breakOff(begunBefore deadline: ContinuousClock.Instant) {
        wait.withLock { wait in
            if let wait, wait.began < deadline { wait.breaker.breakOff() }
        }
    }
}
