package import Vocabulary

extension WorkflowEvent {
    package var stored: StoredForm {
        switch self {
        case .created(let draft): StoredForm("workflow.created", .object(draft.stored))
        case .updated(let draft): StoredForm("workflow.updated", .object(draft.stored))
        case .published(let version, let draft, let artefact):
            StoredForm("workflow.published", .object(Self.stored(version, draft, artefact)))
        case .archived(let owner, let slug): StoredForm("workflow.archived", ["owner": .id(owner), "slug": .string(slug)])
        case .enabled: StoredForm("workflow.enabled", [:])
        case .disabled: StoredForm("workflow.disabled", [:])
        }
    }

    private static func stored(_ version: Int, _ draft: WorkflowDraft, _ artefact: WorkflowArtefact) -> JSONObject {
        var object = draft.stored
        object.append("version", .int(version))
        object.append("hash", .string(artefact.hash))
        object.append("script", .string(artefact.script))
        object.append("sourceMap", .string(artefact.sourceMap))
        return object
    }

    package static func decode(_ form: StoredForm) throws(StoredFormError) -> WorkflowEvent {
        let field = FieldReader(form)
        switch (form.type, form.schema) {
        case ("workflow.created", 1): return .created(try WorkflowDraft(field))
        case ("workflow.updated", 1): return .updated(try WorkflowDraft(field))
        case ("workflow.published", 1):
            let artefact = WorkflowArtefact(
                hash: try field.string("hash"), script: try field.string("script"), sourceMap: try field.string("sourceMap"))
            return .published(version: try field.int("version"), try WorkflowDraft(field), artefact)
        case ("workflow.archived", 1): return .archived(owner: try field.id("owner"), slug: try field.string("slug"))
        case ("workflow.enabled", 1): return .enabled
        case ("workflow.disabled", 1): return .disabled
        default: throw StoredFormError(form)
        }
    }
}

extension WorkflowDraft {
    fileprivate var stored: JSONObject {
        [
            "owner": .id(owner), "name": .string(name), "slug": .string(slug), "description": .string(description), "tier": .string(tier.rawValue),
            "timeoutSeconds": .int(timeoutSeconds), "retry": retry.json, "language": .string(language.rawValue), "code": .string(code),
        ]
    }

    fileprivate init(_ field: FieldReader) throws(StoredFormError) {
        var problems: [Problem] = []
        let retry = RetryPolicy(json: try field.value("retry"), problems: &problems)
        _ = try field.unwrap(problems.isEmpty ? true : nil, "retry")
        self.init(
            owner: try field.id("owner"), name: try field.string("name"), slug: try field.string("slug"),
            description: try field.string("description"), tier: try field.choice("tier"), timeoutSeconds: try field.int("timeoutSeconds"),
            retry: retry, language: try field.choice("language"), code: try field.string("code"))
    }
}
