package import Vocabulary

/// Is told of every commit in this process, after it; only shortens a wait, since everything is found by reading too.
package protocol LogObserver: Sendable {
    /// Must return at once and never block: it is called on the log's writer thread.
    func logDidAppend(_ notice: LogNotice)
}

/// What one commit brought.
package struct LogNotice: Sendable {
    /// The newest position of every slice that was written.
    package let heads: [LogPosition]
    /// Jobs that are wanted, whether due or not.
    package let jobs: [Job]

    package init(heads: [LogPosition], jobs: [Job]) {
        self.heads = heads
        self.jobs = jobs
    }
}
