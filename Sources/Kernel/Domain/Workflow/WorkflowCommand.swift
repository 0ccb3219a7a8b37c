package import Vocabulary

/// What may be asked of a workflow.
package enum WorkflowCommand: Sendable {
    case create(WorkflowDraft)
    /// Saves a draft that was made of the one of that revision.
    case update(WorkflowDraft, over: Int)
    /// Makes the draft of that revision an immutable version; `artefact` was compiled from it.
    case publish(revision: Int, artefact: WorkflowArtefact)
    case archive
    case enable
    case disable
}

/// A workflow as its author edits it.
package struct WorkflowDraft: Hashable, Sendable, Codable {
    /// The space, or the one customer, that the workflow belongs to.
    package var owner: TenantID
    package var name: String
    package var slug: String
    package var description: String
    package var tier: ExecutionTier
    package var timeoutSeconds: Int
    package var retry: RetryPolicy
    package var language: WorkflowLanguage
    package var code: String

    package init(
        owner: TenantID, name: String, slug: String, description: String, tier: ExecutionTier, timeoutSeconds: Int, retry: RetryPolicy,
        language: WorkflowLanguage, code: String
    ) {
        self.owner = owner
        self.name = name
        self.slug = slug
        self.description = description
        self.tier = tier
        self.timeoutSeconds = timeoutSeconds
        self.retry = retry
        self.language = language
        self.code = code
    }
}

/// What a workflow is written in.
package enum WorkflowLanguage: String, Sendable, CaseIterable, Codable {
    case javascript
    case typescript

    /// The name under which stack traces show the code.
    package var fileName: String { self == .typescript ? "workflow.ts" : "workflow.js" }
}

/// What the compiler made of a draft.
package struct WorkflowArtefact: Hashable, Sendable {
    /// Hexadecimal SHA-256 of source, compiled text and settings: the version's name for ever.
    package let hash: String
    package let script: String
    /// Source map, revision 3, as JSON text.
    package let sourceMap: String

    package init(hash: String, script: String, sourceMap: String) {
        self.hash = hash
        self.script = script
        self.sourceMap = sourceMap
    }
}
