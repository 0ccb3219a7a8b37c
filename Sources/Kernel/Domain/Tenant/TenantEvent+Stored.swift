package import Vocabulary

extension TenantEvent {
    package var stored: StoredForm {
        switch self {
        case .created(let space, let name, let externalID):
            StoredForm("tenant.created", ["spaceId": .id(space), "name": .string(name), "externalId": .optional(externalID)])
        }
    }

    package static func decode(_ form: StoredForm) throws(StoredFormError) -> TenantEvent {
        let field = FieldReader(form)
        return switch (form.type, form.schema) {
        case ("tenant.created", 1):
            .created(space: try field.id("spaceId"), name: try field.string("name"), externalID: try field.optionalString("externalId"))
        default: throw StoredFormError(form)
        }
    }
}
