import Glibc

/// Breaks a blocking connection from another thread: whoever waits in a call of it gets `connectionLost`.
///
/// Holds a descriptor of its own, since libpq closes its own at any moment and its number may then be another socket's.
package final class ConnectionBreaker: Sendable {
    private let descriptor: Int32

    /// Nil when the process has no descriptor left.
    init?(socket: Int32) {
        descriptor = fcntl(socket, F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// Never blocks; on a broken connection it does nothing.
    package func breakOff() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}
