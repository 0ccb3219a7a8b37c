/// How runs are executed.
package struct RunsConfiguration: Sendable {
    /// How often an attempt is begun and taken up again without an outcome of a call in between, before it is given up: a run that brings
    /// its sandbox or the server down must not do so for ever. Instant runs are counted by their sandboxes alone, since what they learned
    /// before the server went down is not in the log. More than the restarts that an operator makes during one long call.
    package var startsWithoutProgress = 20
    /// The engine's name in the journal.
    package var engine = "javascriptcore"
    /// Longest time a single connector call may take, whatever the run's own deadline.
    package var callTimeout: Duration = .seconds(60)
    /// What a run learned waits at most this long before it is in the log, except for Instant runs: so much work may be repeated, and so
    /// late are console lines for those who follow them. A second keeps appends seldom.
    package var commitInterval: Duration = .seconds(1)
    /// How old a run may be while its event is not in the log: the two are appended at the same time, so one may be there first.
    package var eventPatience: Duration = .seconds(60)

    package init() {}
}
