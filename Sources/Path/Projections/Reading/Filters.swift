package import Domain
package import Vocabulary

/// Which executions are wanted; nil lets all pass.
package struct ExecutionFilter: Hashable, Sendable {
    /// A workflow's id or slug.
    package var workflow: String?
    package var status: RunStatus?
    package var event: EventID?
    /// Asked for at this time or later.
    package var since: Timestamp?
    /// Asked for before this time.
    package var until: Timestamp?

    package init(workflow: String? = nil, status: RunStatus? = nil, event: EventID? = nil, since: Timestamp? = nil, until: Timestamp? = nil) {
        self.workflow = workflow
        self.status = status
        self.event = event
        self.since = since
        self.until = until
    }
}

/// Which events are wanted; nil lets all pass.
package struct EventFilter: Hashable, Sendable {
    package var kind: EventKind?
    package var trigger: TriggerID?

    package init(kind: EventKind? = nil, trigger: TriggerID? = nil) {
        self.kind = kind
        self.trigger = trigger
    }
}

/// Which entries of the audit log are wanted; nil lets all pass.
package struct AuditFilter: Hashable, Sendable {
    package var actor: String?
    package var actorKind: Principal.Kind?
    /// `workflow.publish`.
    package var action: String?
    /// `workflow`, `execution`.
    package var resourceType: String?
    package var resourceID: String?
    package var outcome: AuditOutcome?
    package var since: Timestamp?
    package var until: Timestamp?

    package init(
        actor: String? = nil, actorKind: Principal.Kind? = nil, action: String? = nil, resourceType: String? = nil, resourceID: String? = nil,
        outcome: AuditOutcome? = nil, since: Timestamp? = nil, until: Timestamp? = nil
    ) {
        self.actor = actor
        self.actorKind = actorKind
        self.action = action
        self.resourceType = resourceType
        self.resourceID = resourceID
        self.outcome = outcome
        self.since = since
        self.until = until
    }
}

/// What came of what somebody did or tried.
package enum AuditOutcome: String, Sendable, CaseIterable {
    case success
    /// The entity's rules said no.
    case rejected
    /// The caller was not allowed to ask.
    case denied
}

/// Which workflows are wanted; nil lets all pass.
package struct WorkflowFilter: Hashable, Sendable {
    package var tier: ExecutionTier?
    package var status: WorkflowStatus?

    package init(tier: ExecutionTier? = nil, status: WorkflowStatus? = nil) {
        self.tier = tier
        self.status = status
    }
}
