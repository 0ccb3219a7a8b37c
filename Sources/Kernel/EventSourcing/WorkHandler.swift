/// Work whose time has not come, which is no failure: it is handed out again after a pause.
package protocol NotYetReady: Error {}

/// A stage that does one kind of work.
package protocol WorkHandler: Sendable {
    /// Does a job and returns when its outcome is committed.
    ///
    /// Safe to be called twice for one job. A throw leaves the job ready; it is handed out again after a pause.
    func perform(_ job: Job) async throws
}
