import DriverThreads

/// Opened once, by a task or a thread; waited for by either.
final class Gate: Sendable {
    private let isOpen = ConditionLock(false)

    func open() { isOpen.withLock { $0 = true } }

    var hasOpened: Bool { isOpen.withLock { $0 } }

    /// Blocks a thread; 10 s bound a test that has failed already.
    func waitUntilOpen() { _ = isOpen.wait(atMost: .seconds(10)) { $0 ? true : nil } }

    func whenOpen() async { while !hasOpened { await Task.yield() } }
}
