package import Vocabulary

extension WorkflowDecider {
    package static func subject(of state: WorkflowState) -> Workflow? {
        if case .present(let workflow) = state { workflow } else { nil }
    }

    package static let fields: [EntityField<Workflow, WorkflowEvent>] = [
        .text("name") { $0.draft.name }, .text("slug") { $0.draft.slug }, .text("description") { $0.draft.description },
        .choice("tier") { $0.draft.tier }, .integer("timeoutSeconds") { $0.draft.timeoutSeconds },
        .value("retry", { $0.draft.retry }, json: \.json), .choice("language") { $0.draft.language }, .choice("status") { $0.status },
        .flag("enabled") { $0.isEnabled }, .integer("revision") { $0.revision }, .integer("version") { $0.currentVersion },
        .text("code") { $0.draft.code }, .value("published", { $0.published.map(PublishedSettings.init) }) { $0?.json ?? .null },
        .members(
            "versions", keys: { Array(1..<$0.versions.count + 1) }, value: { $0.versions.indices.contains($1 - 1) ? $0.versions[$1 - 1] : nil },
            touched: touchedVersions, json: JSONValue.string),
    ]

    @Sendable private static func touchedVersions(_ event: WorkflowEvent) -> TouchedMembers<Int> {
        switch event {
        case .created: .any
        case .published(let version, _, _): .only([version])
        case .updated, .archived, .enabled, .disabled: .none
        }
    }
}

/// What runs of the newest version are pinned to beside its code.
private struct PublishedSettings: Hashable, Sendable {
    let name: String
    let tier: ExecutionTier
    let timeoutSeconds: Int
    let retry: RetryPolicy

    init(_ draft: WorkflowDraft) {
        name = draft.name
        tier = draft.tier
        timeoutSeconds = draft.timeoutSeconds
        retry = draft.retry
    }

    var json: JSONValue {
        ["name": .string(name), "tier": .string(tier.rawValue), "timeoutSeconds": .int(timeoutSeconds), "retry": retry.json]
    }
}
