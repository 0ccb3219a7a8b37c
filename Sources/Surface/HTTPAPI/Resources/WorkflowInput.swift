import Domain
import Vocabulary

/// What a request says of a workflow, laid over what is known of it already.
struct WorkflowInput {
    /// What a workflow begins with that is created without code.
    static let template = """
        export default async function (ctx) {
          return { received: ctx.input };
        }

        """

    private(set) var draft: WorkflowDraft
    /// Whether the request says what the code is written in, or the workflow does.
    let isLanguageKnown: Bool
    /// What the author should know although the request is fine.
    private(set) var warnings: [String] = []

    /// A new workflow.
    init(creating fields: inout RequestFields, owner: TenantID) {
        let name = fields.requiredString("name")
        let draft = WorkflowDraft(
            owner: owner, name: name, slug: TextRules.slug(from: name), description: "", tier: .standard,
            timeoutSeconds: ExecutionTier.standard.defaultTimeout, retry: RetryPolicy(), language: .javascript, code: Self.template)
        self.init(&fields, over: draft, isLanguageKnown: false)
        if self.draft.slug.isEmpty, !name.isEmpty { fields.report("slug", "cannot be made from the name; give one of letters, digits and \"-\"") }
    }

    /// A change: members that are missing stay as they are.
    init(updating draft: WorkflowDraft, _ fields: inout RequestFields) {
        self.init(&fields, over: draft, isLanguageKnown: true)
    }

    private init(_ fields: inout RequestFields, over base: WorkflowDraft, isLanguageKnown: Bool) {
        var draft = base
        draft.name = fields.string("name") ?? base.name
        draft.slug = fields.string("slug") ?? base.slug
        draft.description = fields.string("description") ?? base.description
        draft.tier = fields.choice("tier") ?? base.tier
        let timeout = fields.integer("timeoutSeconds")
        draft.timeoutSeconds = timeout ?? (draft.tier == base.tier ? base.timeoutSeconds : draft.tier.defaultTimeout)
        draft.retry = fields.nested("retry") { Self.retry(&$0, over: base.retry) } ?? base.retry
        let language: WorkflowLanguage? = fields.choice("language")
        draft.language = language ?? base.language
        draft.code = fields.string("code") ?? base.code
        self.isLanguageKnown = isLanguageKnown || language != nil
        self.draft = draft
        if let timeout, timeout > draft.tier.longestTimeout, draft.tier.timeoutRange.contains(timeout) {
            let longest = draft.tier.longestTimeout
            warnings.append("timeoutSeconds is \(longest) instead of \(timeout): the caller of an Instant workflow waits for its result")
        }
    }

    /// The draft once it is known what the code is written in.
    mutating func settle(_ language: WorkflowLanguage) { draft.language = language }

    private static func retry(_ fields: inout RequestFields, over base: RetryPolicy) -> RetryPolicy {
        var json = base.json
        for name in json.object?.members.map(\.name) ?? [] {
            if let value = fields.value(name) { json = json.with(name, value) }
        }
        var problems: [Problem] = []
        let policy = RetryPolicy(json: json, problems: &problems)
        fields.report(problems)
        return policy
    }
}
