package import Vocabulary

/// Decides what may happen to a workflow.
package enum WorkflowDecider: Decider {
    package static let category = Category("workflow")
    package static let initialState = WorkflowState.absent

    package static func decide(_ command: WorkflowCommand, _ state: WorkflowState, now: Timestamp) throws(EntityRejection) -> [WorkflowEvent] {
        switch (command, state) {
        case (.create(let draft), .absent): return [.created(try checked(draft))]
        case (.create, .present): throw .exists(category)
        case (_, .absent): throw .unknown(category)
        case (.archive, .present(let workflow)):
            return workflow.isArchived ? [] : [.archived(owner: workflow.draft.owner, slug: workflow.draft.slug)]
        case (_, .present(let workflow)) where workflow.isArchived: throw .notNow("the workflow is archived; create a new one")
        case (.update(let draft, let revision), .present(let workflow)): return try update(workflow, of: revision, to: draft)
        case (.publish(let revision, let artefact), .present(let workflow)): return try publish(workflow, revision, artefact)
        case (.enable, .present(let workflow)): return workflow.isEnabled ? [] : [.enabled]
        case (.disable, .present(let workflow)): return workflow.isEnabled ? [.disabled] : []
        }
    }

    private static func update(_ workflow: Workflow, of revision: Int, to draft: WorkflowDraft) throws(EntityRejection) -> [WorkflowEvent] {
        let draft = try checked(draft)
        guard draft.slug == workflow.draft.slug else {
            throw .invalid([Problem("/slug", "cannot be changed, since callers use it; create another workflow")])
        }
        guard draft.owner == workflow.draft.owner else { throw .invalid([Problem("/owner", "cannot be changed; create another workflow")]) }
        if draft == workflow.draft { return [] }
        guard revision == workflow.revision else { throw .outdated(category) }
        return [.updated(draft)]
    }

    private static func publish(_ workflow: Workflow, _ revision: Int, _ artefact: WorkflowArtefact) throws(EntityRejection) -> [WorkflowEvent] {
        guard revision == workflow.revision else { throw .notNow("the workflow was saved meanwhile; publish again") }
        // What is live already stays one version, however often it is published. A version is more than its code: runs are pinned to
        // its settings too, so changed settings need a version of their own to take effect.
        if workflow.versions.last == artefact.hash, let live = workflow.published, live.runsLike(workflow.draft) {
            return workflow.isEnabled ? [] : [.enabled]
        }
        return [.published(version: workflow.versions.count + 1, workflow.draft, artefact)]
    }

    /// The draft with its timeout capped, or every rule it breaks.
    private static func checked(_ draft: WorkflowDraft) throws(EntityRejection) -> WorkflowDraft {
        let range = draft.tier.timeoutRange
        var problems = draft.retry.problems
        problems.append(TextRules.name(draft.name, at: "/name"))
        problems.append(TextRules.key(draft.slug, at: "/slug"))
        problems.append(TextRules.description(draft.description, at: "/description"))
        if FlowNames.reserved.contains(draft.slug) { problems.append(Problem("/slug", "is the name of a fixed route; choose another")) }
        if !range.contains(draft.timeoutSeconds) {
            problems.append(
                Problem("/timeoutSeconds", "must be between \(range.lowerBound) and \(range.upperBound) for the tier \(draft.tier.rawValue)"))
        }
        if draft.code.utf8.count > Limits.workflowSourceBytes {
            problems.append(Problem("/code", "must be at most \(Limits.workflowSourceBytes) bytes; split the workflow"))
        }
        try require(problems)
        var capped = draft
        capped.timeoutSeconds = min(draft.timeoutSeconds, draft.tier.longestTimeout)
        return capped
    }

    package static func evolve(_ state: WorkflowState, _ event: WorkflowEvent) -> WorkflowState {
        if case .created(let draft) = event { return .present(Workflow(draft: draft)) }
        guard case .present(var workflow) = state else { return state }
        switch event {
        case .created: break
        case .updated(let draft):
            workflow.draft = draft
            workflow.revision += 1
        case .published(_, let draft, let artefact):
            workflow.versions.append(artefact.hash)
            workflow.published = draft
            workflow.isEnabled = true
        case .archived: workflow.isArchived = true
        case .enabled: workflow.isEnabled = true
        case .disabled: workflow.isEnabled = false
        }
        return .present(workflow)
    }

    package static func action(of command: WorkflowCommand) -> String {
        switch command {
        case .create: "workflow.create"
        case .update: "workflow.update"
        case .publish: "workflow.publish"
        case .archive: "workflow.archive"
        case .enable: "workflow.enable"
        case .disable: "workflow.disable"
        }
    }

    package static func reservations(of event: WorkflowEvent) -> [Reservation] {
        if case .created(let draft) = event { [slugClaim(draft.owner, draft.slug)] } else { [] }
    }

    package static func releases(of event: WorkflowEvent) -> [Reservation] {
        if case .archived(let owner, let slug) = event { [slugClaim(owner, slug)] } else { [] }
    }

    private static func slugClaim(_ owner: TenantID, _ slug: String) -> Reservation {
        Reservation(scope: owner, kind: "workflow.slug", key: slug)
    }
}

extension WorkflowDraft {
    fileprivate func runsLike(_ other: WorkflowDraft) -> Bool {
        tier == other.tier && timeoutSeconds == other.timeoutSeconds && retry == other.retry
    }
}

/// Names that a workflow may not have, because `POST /api/v1/{name}` would meet a fixed route.
package enum FlowNames {
    package static let reserved: Set<String> = [
        "tenants", "clients", "connectors", "connections", "workflows", "triggers", "executions", "events", "credentials", "secrets", "environments",
        "releases", "mcp", "ai", "agent-builder", "agents", "quota", "config", "notifications", "billing", "organizations", "api-access", "audit-log",
        "usage", "widgets", "embed", "health", "healthz", "readyz", "metrics", "openapi", "openapi.yaml", "docs", "sdk", "spaces", "keys", "auth",
        "dlq", "schedules", "operator",
    ]
}
