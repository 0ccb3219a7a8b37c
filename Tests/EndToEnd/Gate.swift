import DriverThreads

/// Holds back the threads of a test's server until the test opens it.
final class Gate: Sendable {
    private let isOpen = ConditionLock(false)

    /// Blocks the calling thread, which must not be one of the pool.
    func wait() { _ = isOpen.wait { $0 ? true : nil } }

    func open() { isOpen.withLock { $0 = true } }
}
