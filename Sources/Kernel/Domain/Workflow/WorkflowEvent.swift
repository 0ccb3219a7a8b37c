package import Vocabulary

/// What happened to a workflow.
package enum WorkflowEvent: DomainEvent, Hashable {
    case created(WorkflowDraft)
    case updated(WorkflowDraft)
    /// Version numbers count from 1. The draft is the one that was published.
    case published(version: Int, WorkflowDraft, WorkflowArtefact)
    case archived(owner: TenantID, slug: String)
    case enabled
    case disabled
}
