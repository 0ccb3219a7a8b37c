package import Vocabulary

extension KeyringEvent {
    package var stored: StoredForm {
        switch self {
        case .written(let name, let secret): StoredForm("secret.written", ["name": .string(name), "secretId": .id(secret)])
        case .deleted(let name): StoredForm("secret.deleted", ["name": .string(name)])
        }
    }

    package static func decode(_ form: StoredForm) throws(StoredFormError) -> KeyringEvent {
        let field = FieldReader(form)
        return switch (form.type, form.schema) {
        case ("secret.written", 1): .written(name: try field.string("name"), secret: try field.id("secretId"))
        case ("secret.deleted", 1): .deleted(name: try field.string("name"))
        default: throw StoredFormError(form)
        }
    }
}
