package import Vocabulary

extension PlacementEvent {
    package var stored: StoredForm {
        switch self {
        case .claimed(let claim): StoredForm("placement.claimed", claim.head)
        case .released(let claim): StoredForm("placement.released", claim.head)
        }
    }

    package static func decode(_ form: StoredForm) throws(StoredFormError) -> PlacementEvent {
        switch (form.type, form.schema) {
        case ("placement.claimed", 1): .claimed(try PlacementClaim(form))
        case ("placement.released", 1): .released(try PlacementClaim(form))
        default: throw StoredFormError(form)
        }
    }
}

extension PlacementClaim {
    fileprivate var head: JSONValue { ["spaceId": .id(space), "customerId": .id(customer), "externalId": .string(externalID)] }

    fileprivate init(_ form: StoredForm) throws(StoredFormError) {
        let field = FieldReader(form)
        self.init(space: try field.id("spaceId"), customer: try field.id("customerId"), externalID: try field.string("externalId"))
    }
}
