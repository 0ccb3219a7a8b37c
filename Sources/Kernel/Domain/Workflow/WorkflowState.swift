import Vocabulary

/// A workflow: absent until it is created.
package enum WorkflowState: Hashable, Sendable, Codable {
    case absent
    case present(Workflow)
}

/// A workflow with its draft and its published versions.
package struct Workflow: Hashable, Sendable, Codable {
    package var draft: WorkflowDraft
    /// Counts saves, from 1.
    package var revision = 1
    /// Hashes of the published versions, version 1 first.
    package var versions: [String] = []
    /// The draft that the newest version was made of; nil before the first.
    package var published: WorkflowDraft?
    package var isEnabled = true
    package var isArchived = false

    package var currentVersion: Int? { versions.isEmpty ? nil : versions.count }

    /// Whether triggers and calls start it.
    package var isActive: Bool { isEnabled && !isArchived && !versions.isEmpty }

    package var status: WorkflowStatus {
        if isArchived { return .archived }
        if versions.isEmpty { return .draft }
        return isEnabled ? .active : .disabled
    }
}

/// What state a workflow is in, as lists show it.
package enum WorkflowStatus: String, Sendable, CaseIterable {
    /// Never published.
    case draft
    case active
    case disabled
    case archived
}
