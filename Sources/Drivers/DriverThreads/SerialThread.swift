/// One thread with a bounded queue: blocking calls of a library run here in the order they were given.
package final class SerialThread: Sendable {
    private struct Queue {
        var work: [@Sendable () -> Void] = []
        var isFinished = false
    }

    private let queue = ConditionLock(Queue())
    private let capacity: Int

    /// Starts the thread.
    ///
    /// - Parameter capacity: how many calls may wait; one more is refused, so a stuck library shows as refusals, not as memory.
    package init(name: String, capacity: Int) throws(ThreadStartError) {
        precondition(capacity > 0, "a queue of \(capacity) can hold nothing")
        self.capacity = capacity
        let queue = queue
        try DedicatedThread.start(name: name) { Self.drain(queue) }
    }

    deinit { finish() }

    /// Queues `work` and returns at once; `false` when the queue is full or finished, and then `work` never runs.
    package func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
        queue.withLock { queue in
            guard !queue.isFinished, queue.work.count < capacity else { return false }
            queue.work.append(work)
            return true
        }
    }

    /// Runs `work` on the thread and answers with its result, or `nil` when the queue is full or finished.
    package func perform<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result? {
        await withCheckedContinuation { (continuation: CheckedContinuation<Result?, Never>) in
            if !submit({ continuation.resume(returning: work()) }) { continuation.resume(returning: nil) }
        }
    }

    /// Takes no more work; the thread ends after what is queued. Calling it again does nothing.
    package func finish() {
        queue.withLock { $0.isFinished = true }
    }

    private static func drain(_ queue: ConditionLock<Queue>) {
        while true {
            // The whole queue is taken at once: one wake-up for a burst, and the lock is free while the library is called.
            let batch: [@Sendable () -> Void]? = queue.wait { queue in
                if queue.work.isEmpty { return queue.isFinished ? [] : nil }
                defer { queue.work.removeAll(keepingCapacity: true) }
                return queue.work
            }
            guard let batch, !batch.isEmpty else { return }
            for work in batch { work() }
        }
    }
}
