package import Vocabulary

extension SpaceEvent {
    package var stored: StoredForm {
        switch self {
        case .created(let name): StoredForm("space.created", ["name": .string(name)])
        case .keyIssued(let key):
            StoredForm(
                "space.key.issued",
                ["keyId": .id(key.id), "name": .string(key.name), "kind": .string(key.kind.rawValue), "digest": .string(key.digest)])
        case .keyRevoked(let id): StoredForm("space.key.revoked", ["keyId": .id(id)])
        }
    }

    package static func decode(_ form: StoredForm) throws(StoredFormError) -> SpaceEvent {
        let field = FieldReader(form)
        return switch (form.type, form.schema) {
        case ("space.created", 1): .created(name: try field.string("name"))
        case ("space.key.issued", 1):
            .keyIssued(
                IssuedKey(
                    id: try field.id("keyId"), name: try field.string("name"), kind: try field.choice("kind"), digest: try field.string("digest")))
        case ("space.key.revoked", 1): .keyRevoked(try field.id("keyId"))
        default: throw StoredFormError(form)
        }
    }
}
