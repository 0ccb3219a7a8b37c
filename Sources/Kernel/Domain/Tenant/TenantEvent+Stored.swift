package import Vocabulary

extension TenantEvent {
    package var stored: StoredForm {
        switch self {
        case .created(let space, let name, let externalID, let isPlaced):
            StoredForm("tenant.created", .object(Self.head(space, name, externalID, isPlaced)))
        case .abandoned: StoredForm("tenant.abandoned", [:])
        }
    }

    package static func decode(_ form: StoredForm) throws(StoredFormError) -> TenantEvent {
        let field = FieldReader(form)
        return switch (form.type, form.schema) {
        case ("tenant.created", 1):
            .created(
                space: try field.id("spaceId"), name: try field.string("name"), externalID: try field.optionalString("externalId"),
                isPlaced: form.head["placed"] == nil ? false : try field.bool("placed"))
        case ("tenant.abandoned", 1): .abandoned
        default: throw StoredFormError(form)
        }
    }

    /// Most customers live with their space, and say nothing of a placement.
    private static func head(_ space: SpaceID, _ name: String, _ externalID: String?, _ isPlaced: Bool) -> JSONObject {
        var head: JSONObject = ["spaceId": .id(space), "name": .string(name), "externalId": .optional(externalID)]
        if isPlaced { head.append("placed", true) }
        return head
    }
}
