/// How runs are executed.
package struct RunsConfiguration: Sendable {
    /// How often one run is taken up again after its sandbox was killed from outside, before it is given up: a run that brings the
    /// system down must not do so for ever.
    package var restartsPerRun = 5
    /// The engine's name in the journal.
    package var engine = "javascriptcore"
    /// Longest time a single connector call may take, whatever the run's own deadline.
    package var callTimeout: Duration = .seconds(60)

    package init() {}
}
