import EventSourcing
import SandboxDriver
import Synchronization
import Vocabulary

/// The runs that this process executes now: one executor a run, and a way to stop it.
final class ActiveRuns: Sendable {
    private struct Entry {
        var session: SandboxSession?
        var isCancelled = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let entries = Mutex<[StreamID: Entry]>([:])

    /// Whether the caller may execute the run now; false when somebody does.
    func begin(_ run: StreamID) -> Bool {
        entries.withLock { entries in
            guard entries[run] == nil else { return false }
            entries[run] = Entry()
            return true
        }
    }

    /// Attaches the sandbox; a run that was cancelled meanwhile is stopped at once.
    func attach(_ session: SandboxSession, to run: StreamID) {
        let isCancelled = entries.withLock { entries in
            entries[run]?.session = session
            return entries[run]?.isCancelled ?? false
        }
        if isCancelled { session.terminate(.cancelled) }
    }

    func end(_ run: StreamID) {
        let waiters = entries.withLock { $0.removeValue(forKey: run)?.waiters ?? [] }
        for waiter in waiters { waiter.resume() }
    }

    /// Stops the run's sandbox if this process executes it.
    func cancel(_ run: StreamID) {
        let session = entries.withLock { entries in
            entries[run]?.isCancelled = true
            return entries[run]?.session
        }
        session?.terminate(.cancelled)
    }

    /// Waits until nobody in this process executes the run. Ends with the run, which its own deadline bounds.
    func join(_ run: StreamID) async {
        await withCheckedContinuation { continuation in
            let isGone = entries.withLock { entries in
                guard entries[run] != nil else { return true }
                entries[run]?.waiters.append(continuation)
                return false
            }
            if isGone { continuation.resume() }
        }
    }

    var count: Int { entries.withLock { $0.count } }

    var waitingCount: Int { entries.withLock { $0.values.reduce(0) { $0 + $1.waiters.count } } }
}
