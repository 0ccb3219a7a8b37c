package import Vocabulary

extension ErasureEvent {
    package var stored: StoredForm {
        switch self {
        case .requested(let request):
            StoredForm("erasure.requested", ["subjectId": request.subject.map(JSONValue.id) ?? .null, "reason": .string(request.reason)])
        case .completed(let subject, let destroyedAt):
            StoredForm("erasure.completed", ["subjectId": subject.map(JSONValue.id) ?? .null, "destroyedAt": .time(destroyedAt)])
        }
    }

    package static func decode(_ form: StoredForm) throws(StoredFormError) -> ErasureEvent {
        let field = FieldReader(form)
        return switch (form.type, form.schema) {
        case ("erasure.requested", 1):
            .requested(ErasureRequest(subject: try field.optionalID("subjectId"), reason: try field.string("reason")))
        case ("erasure.completed", 1): .completed(subject: try field.optionalID("subjectId"), destroyedAt: try field.time("destroyedAt"))
        default: throw StoredFormError(form)
        }
    }
}
