package import Vocabulary

extension ReceivedEventEvent {
    package var stored: StoredForm {
        switch self {
        case .received(let event):
            StoredForm("event.received", .object(event.members), attachment: event.body, stubs: event.stubs)
        case .routed(let normalized, let routes):
            StoredForm(
                "event.routed",
                [
                    "source": .string(normalized.source), "type": .optional(normalized.type), "idempotencyKey": .string(normalized.idempotencyKey),
                    "routes": .array(routes.map { ["workflowId": .id($0.workflow), "runId": .id($0.run)] }),
                ], stubs: ["type": .optional(normalized.type.map { _ in Erased.text }), "idempotencyKey": .string(Erased.text)])
        }
    }

    package static func decode(_ form: StoredForm) throws(StoredFormError) -> ReceivedEventEvent {
        let field = FieldReader(form)
        switch (form.type, form.schema) {
        case ("event.received", 1): return .received(try received(field, isErased: form.isErased))
        case ("event.routed", 1):
            var routes: [TakenRoute] = []
            for route in try field.array("routes") {
                let workflow = try field.unwrap(route["workflowId"]?.string.flatMap { WorkflowID($0) }, "routes")
                let run = try field.unwrap(route["runId"]?.string.flatMap { RunID($0) }, "routes")
                routes.append(TakenRoute(workflow: workflow, run: run))
            }
            let normalized = NormalizedEvent(
                source: try field.string("source"), type: try field.optionalString("type"), idempotencyKey: try field.string("idempotencyKey"))
            return .routed(normalized, routes)
        default: throw StoredFormError(form)
        }
    }

    private static func received(_ field: FieldReader, isErased: Bool) throws(StoredFormError) -> ReceivedEvent {
        let headers = try field.unwrap(try field.value("headers").object, "headers")
        return ReceivedEvent(
            kind: try field.choice("kind"), space: try field.id("spaceId"), trigger: try field.optionalID("triggerId"),
            environment: EnvironmentName(try field.string("environment")),
            headers: headers.members.map { (name: $0.name, value: $0.value.string ?? "") }, query: try field.optionalString("query"),
            body: try field.attachment(), dataKey: try field.optionalID("dataKeyId"), isErased: isErased)
    }
}

extension ReceivedEvent {
    /// The head as stored.
    fileprivate var members: JSONObject {
        var object: JSONObject = [
            "kind": .string(kind.rawValue), "spaceId": .id(space), "triggerId": trigger.map(JSONValue.id) ?? .null,
            "environment": .string(environment.name), "headers": headersJSON, "query": .optional(query),
        ]
        if let dataKey { object.append("dataKeyId", .id(dataKey)) }
        return object
    }

    fileprivate var stubs: JSONObject {
        ["headers": Erased.headers, "query": .optional(query.map { _ in Erased.query })]
    }
}
