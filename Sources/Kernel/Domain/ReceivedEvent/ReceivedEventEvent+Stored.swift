package import Vocabulary

extension ReceivedEventEvent {
    package var stored: StoredForm {
        switch self {
        case .received(let event):
            StoredForm(
                "event.received",
                [
                    "kind": .string(event.kind.rawValue), "spaceId": .id(event.space), "triggerId": event.trigger.map(JSONValue.id) ?? .null,
                    "environment": .string(event.environment.name), "headers": event.headersJSON, "query": .optional(event.query),
                ], attachment: event.body)
        case .routed(let normalized, let routes):
            StoredForm(
                "event.routed",
                [
                    "source": .string(normalized.source), "type": .optional(normalized.type), "idempotencyKey": .string(normalized.idempotencyKey),
                    "routes": .array(routes.map { ["workflowId": .id($0.workflow), "runId": .id($0.run)] }),
                ])
        }
    }

    package static func decode(_ form: StoredForm) throws(StoredFormError) -> ReceivedEventEvent {
        let field = FieldReader(form)
        switch (form.type, form.schema) {
        case ("event.received", 1): return .received(try received(field))
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

    private static func received(_ field: FieldReader) throws(StoredFormError) -> ReceivedEvent {
        let headers = try field.unwrap(try field.value("headers").object, "headers")
        return ReceivedEvent(
            kind: try field.choice("kind"), space: try field.id("spaceId"), trigger: try field.optionalID("triggerId"),
            environment: EnvironmentName(try field.string("environment")),
            headers: headers.members.map { (name: $0.name, value: $0.value.string ?? "") }, query: try field.optionalString("query"),
            body: try field.attachment())
    }
}
