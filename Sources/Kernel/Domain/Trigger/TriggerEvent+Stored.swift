package import Vocabulary

extension TriggerEvent {
    package var stored: StoredForm {
        switch self {
        case .created(let specification): StoredForm("trigger.created", specification.json)
        case .updated(let specification): StoredForm("trigger.updated", specification.json)
        case .verificationWaived: StoredForm("trigger.verification.waived", [:])
        case .enabled: StoredForm("trigger.enabled", [:])
        case .disabled: StoredForm("trigger.disabled", [:])
        case .deleted: StoredForm("trigger.deleted", [:])
        }
    }

    package static func decode(_ form: StoredForm) throws(StoredFormError) -> TriggerEvent {
        switch (form.type, form.schema) {
        case ("trigger.created", 1): return .created(try TriggerSpecification(FieldReader(form)))
        case ("trigger.updated", 1): return .updated(try TriggerSpecification(FieldReader(form)))
        case ("trigger.verification.waived", 1): return .verificationWaived
        case ("trigger.enabled", 1): return .enabled
        case ("trigger.disabled", 1): return .disabled
        case ("trigger.deleted", 1): return .deleted
        default: throw StoredFormError(form)
        }
    }
}

extension TriggerSpecification {
    /// As stored; the secret is named by the id of its encrypted record.
    package var json: JSONValue {
        var object: JSONObject = [
            "spaceId": .id(space), "name": .string(name), "environment": .string(environment.name), "scheme": .string(scheme),
            "secretId": secret.map(JSONValue.id) ?? .null,
            "routes": .array(routes.map(\.json)),
        ]
        if let subject { object.append("subject", .string(subject)) }
        return .object(object)
    }

    fileprivate init(_ field: FieldReader) throws(StoredFormError) {
        var routes: [TriggerRoute] = []
        for route in try field.array("routes") {
            let workflow = try field.unwrap(route["workflowId"]?.string.flatMap { WorkflowID($0) }, "routes")
            routes.append(TriggerRoute(workflow: workflow, filter: route["filter"].flatMap { $0.isNull ? nil : $0 }))
        }
        self.init(
            space: try field.id("spaceId"), name: try field.string("name"), environment: EnvironmentName(try field.string("environment")),
            scheme: try field.string("scheme"), secret: try field.optionalID("secretId"), routes: routes,
            subject: try field.optionalString("subject"))
    }
}

extension TriggerRoute {
    /// `{workflowId, filter}`, as stored and as shown.
    package var json: JSONValue { ["workflowId": .id(workflow), "filter": filter ?? .null] }
}
