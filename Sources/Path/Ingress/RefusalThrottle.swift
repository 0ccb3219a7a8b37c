import Synchronization
import Vocabulary

/// Lets a few refusals a minute of each trigger into the audit log: whoever knows a webhook's address could fill the log otherwise.
final class RefusalThrottle: Sendable {
    /// Enough to see that, from where and why; the counters have the rest.
    private static let perWindow = 10
    private static let window = Duration.seconds(60)
    /// Triggers remembered; only known ones are counted, so this is reached by no ordinary installation.
    private static let capacity = 10_000

    private let windows = Mutex<[TriggerID: (start: Timestamp, count: Int)]>([:])

    /// Whether this refusal is written down.
    func admits(_ trigger: TriggerID, at now: Timestamp) -> Bool {
        windows.withLock { windows in
            var window = windows[trigger] ?? (start: now, count: 0)
            if now - window.start >= Self.window { window = (start: now, count: 0) }
            guard window.count < Self.perWindow else { return false }
            if windows.count >= Self.capacity { windows = windows.filter { now - $0.value.start < Self.window } }
            guard windows.count < Self.capacity else { return false }
            windows[trigger] = (start: window.start, count: window.count + 1)
            return true
        }
    }
}
