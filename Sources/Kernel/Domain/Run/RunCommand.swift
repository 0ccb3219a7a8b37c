package import Vocabulary

/// What may be asked of a run, one execution of a workflow.
package enum RunCommand: Sendable {
    case request(RunRequest)
    /// What the executor learned, in order; appended together.
    case record([RunEvent])
    /// Asks that the run stop; a run that has not begun ends at once.
    case cancel
}

/// Everything that a run is pinned to.
package struct RunRequest: Hashable, Sendable, Codable {
    package let space: SpaceID
    package let workflow: WorkflowID
    package let slug: String
    package let version: Int
    /// Hash of the version's artefact: the code is pinned for the run's life.
    package let artefact: String
    package let tier: ExecutionTier
    package let timeout: Duration
    package let retry: RetryPolicy
    package let environment: EnvironmentName
    /// The event whose body is the input.
    package let event: EventID
    package let trigger: TriggerID?
    /// What the executions list shows: `webhook`, `manual`, `scheduler`, `agent-service`.
    package let triggeredBy: String
    /// The key under which the run's data is encrypted: its event's; nil is the tenant's.
    package let dataKey: DataKeyID?

    package init(
        space: SpaceID, workflow: WorkflowID, slug: String, version: Int, artefact: String, tier: ExecutionTier, timeout: Duration,
        retry: RetryPolicy,
        environment: EnvironmentName, event: EventID, trigger: TriggerID?, triggeredBy: String, dataKey: DataKeyID? = nil
    ) {
        self.space = space
        self.workflow = workflow
        self.slug = slug
        self.version = version
        self.artefact = artefact
        self.tier = tier
        // As it is stored: what is remembered must be what the log says.
        self.timeout = .milliseconds(timeout.milliseconds)
        self.retry = retry
        self.environment = environment
        self.event = event
        self.trigger = trigger
        self.triggeredBy = triggeredBy
        self.dataKey = dataKey
    }
}

extension RunRequest {
    /// The same request with another deadline.
    package func with(timeout: Duration) -> RunRequest {
        RunRequest(
            space: space, workflow: workflow, slug: slug, version: version, artefact: artefact, tier: tier, timeout: timeout, retry: retry,
            environment: environment, event: event, trigger: trigger, triggeredBy: triggeredBy, dataKey: dataKey)
    }
}
