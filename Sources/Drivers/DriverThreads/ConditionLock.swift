import Glibc

/// A lock around a value on which threads, never tasks, can also wait for a change.
///
/// `Mutex` has no way to wait, so this exists for the places where a dedicated thread sleeps until somebody has work for it.
/// Every `withLock` wakes all waiters, which test their condition again; with no waiter that costs nothing.
package final class ConditionLock<State>: @unchecked Sendable {
    // Unchecked: `state` is only touched between pthread_mutex_lock and pthread_mutex_unlock of `mutex`.
    private var state: State
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    /// Takes `state` into the lock's keeping.
    package init(_ state: sending State) {
        self.state = state
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // A deadline on the wall clock would jump with it.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Runs `body` with the lock held, then wakes every waiting thread. Keep it short: tasks call this too.
    package func withLock<Result, Failure: Error>(_ body: (inout State) throws(Failure) -> Result) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer {
            pthread_cond_broadcast(condition)
            pthread_mutex_unlock(mutex)
        }
        return try body(&state)
    }

    /// Blocks the calling thread until `body` answers something; only for dedicated threads.
    ///
    /// - Parameters:
    ///   - timeout: the longest wait; `nil` waits for ever.
    ///   - body: called with the lock held, once at once and again after every change.
    /// - Returns: what `body` answered, or `nil` after the timeout.
    package func wait<Result>(atMost timeout: Duration? = nil, until body: (inout State) -> Result?) -> Result? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        var deadline = timespec()
        if let timeout { deadline = Self.monotonicTime(after: timeout) }
        while true {
            if let result = body(&state) { return result }
            guard timeout != nil else {
                pthread_cond_wait(condition, mutex)
                continue
            }
            if pthread_cond_timedwait(condition, mutex, &deadline) == ETIMEDOUT { return body(&state) }
        }
    }

    private static func monotonicTime(after duration: Duration) -> timespec {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let (seconds, attoseconds) = duration.components
        let nanoseconds = now.tv_nsec + Int(attoseconds / 1_000_000_000)
        return timespec(tv_sec: now.tv_sec + Int(seconds) + nanoseconds / 1_000_000_000, tv_nsec: nanoseconds % 1_000_000_000)
    }
}
