package import Vocabulary

extension RunEvent {
    package var stored: StoredForm {
        switch self {
        case .requested(let request): StoredForm("run.requested", request.json)
        case .started(let attempt): StoredForm("run.started", attempt.json)
        case .callScheduled(let call): StoredForm("run.call.scheduled", .object(call.members), stubs: RunCall.stubs)
        case .callCompleted(let call, let result): call.stored(with: result)
        case .logged(let lines):
            StoredForm("run.logged", ["lines": .array(lines.map(\.json))], stubs: ["lines": .array(lines.map(\.erased.json))])
        case .retryScheduled(let attempt, let due, let failure):
            StoredForm("run.retry.scheduled", ["attempt": .int(attempt), "due": .time(due), "error": failure.json], stubs: RunFailure.stubs)
        case .cancelRequested: StoredForm("run.cancel.requested", [:])
        case .completed(let output): StoredForm("run.completed", [:], attachment: output, stubs: [:])
        case .failed(let failure): StoredForm("run.failed", ["error": failure.json], stubs: RunFailure.stubs)
        case .timedOut(let failure): StoredForm("run.timed_out", ["error": failure.json], stubs: RunFailure.stubs)
        case .cancelled: StoredForm("run.cancelled", [:])
        case .parked(let failure): StoredForm("run.parked", ["error": failure.json], stubs: RunFailure.stubs)
        }
    }

    package static func decode(_ form: StoredForm) throws(StoredFormError) -> RunEvent {
        let field = FieldReader(form)
        guard form.schema == 1 else { throw StoredFormError(form) }
        switch form.type {
        case "run.requested": return .requested(try RunRequest(field))
        case "run.started": return .started(try RunAttempt(field))
        case "run.call.scheduled": return .callScheduled(try RunCall(field))
        case "run.call.completed": return .callCompleted(try RunCall(field), try CallResult(field))
        case "run.logged":
            var lines: [LogLine] = []
            for line in try field.array("lines") { lines.append(try field.unwrap(LogLine(json: line), "lines")) }
            return .logged(lines)
        case "run.retry.scheduled":
            return .retryScheduled(attempt: try field.int("attempt"), due: try field.time("due"), try failure(field))
        case "run.cancel.requested": return .cancelRequested
        case "run.completed": return .completed(output: try field.attachment())
        case "run.failed": return .failed(try failure(field))
        case "run.timed_out": return .timedOut(try failure(field))
        case "run.cancelled": return .cancelled
        case "run.parked": return .parked(try failure(field))
        default: throw StoredFormError(form)
        }
    }

    private static func failure(_ field: FieldReader) throws(StoredFormError) -> RunFailure {
        try field.unwrap(RunFailure(json: try field.value("error")), "error")
    }
}

extension RunRequest {
    fileprivate var json: JSONValue {
        var object: JSONObject = [
            "spaceId": .id(space), "workflowId": .id(workflow), "slug": .string(slug), "version": .int(version), "artefact": .string(artefact),
            "tier": .string(tier.rawValue), "timeoutMs": .int(timeout.milliseconds), "retry": retry.json, "environment": .string(environment.name),
            "eventId": .id(event), "triggerId": trigger.map(JSONValue.id) ?? .null, "triggeredBy": .string(triggeredBy),
        ]
        if let dataKey { object.append("dataKeyId", .id(dataKey)) }
        return .object(object)
    }

    fileprivate init(_ field: FieldReader) throws(StoredFormError) {
        var problems: [Problem] = []
        self.init(
            space: try field.id("spaceId"), workflow: try field.id("workflowId"), slug: try field.string("slug"), version: try field.int("version"),
            artefact: try field.string("artefact"), tier: try field.choice("tier"), timeout: .milliseconds(try field.int("timeoutMs")),
            retry: RetryPolicy(json: try field.value("retry"), problems: &problems), environment: EnvironmentName(try field.string("environment")),
            event: try field.id("eventId"), trigger: try field.optionalID("triggerId"), triggeredBy: try field.string("triggeredBy"),
            dataKey: try field.optionalID("dataKeyId"))
        _ = try field.unwrap(problems.isEmpty ? true : nil, "retry")
    }
}

extension RunAttempt {
    // The seed is text: JSON readers round integers beyond 2^53.
    fileprivate var json: JSONValue { ["attempt": .int(number), "seed": .string(String(seed)), "at": .time(at), "engine": .string(engine)] }

    fileprivate init(_ field: FieldReader) throws(StoredFormError) {
        let seed = try field.unwrap(UInt64(try field.string("seed")), "seed")
        self.init(number: try field.int("attempt"), seed: seed, at: try field.time("at"), engine: try field.string("engine"))
    }
}

extension RunCall {
    fileprivate var members: JSONObject {
        [
            "index": .int(index), "operation": .string(operation), "connector": .optional(connector), "action": .optional(action),
            "connection": .optional(connection), "input": .string(input),
        ]
    }

    fileprivate func stored(with result: CallResult) -> StoredForm {
        var head = members
        head.append("startedAt", .time(result.startedAt))
        head.append("durationUs", .int(result.duration.microseconds))
        head.append("deliveredAt", .time(result.deliveredAt))
        switch result.outcome {
        case .value(let bytes): return StoredForm("run.call.completed", .object(head), attachment: bytes, stubs: Self.stubs)
        case .error(let failure):
            head.append("error", failure.json)
            return StoredForm("run.call.completed", .object(head), stubs: Self.failedStubs)
        case .secret(let name, let id):
            head.append("secret", .string(name))
            head.append("secretId", .id(id))
            return StoredForm("run.call.completed", .object(head), stubs: Self.stubs)
        }
    }

    fileprivate static let stubs: JSONObject = ["input": .string(Erased.json.text)]
    private static let failedStubs: JSONObject = ["input": .string(Erased.json.text), "error": RunFailure.erased.json]

    fileprivate init(_ field: FieldReader) throws(StoredFormError) {
        self.init(
            index: try field.int("index"), operation: try field.string("operation"), connector: try field.optionalString("connector"),
            action: try field.optionalString("action"), connection: try field.optionalString("connection"), input: try field.string("input"))
    }
}

extension CallResult {
    fileprivate init(_ field: FieldReader) throws(StoredFormError) {
        let outcome: Outcome
        if let name = try field.optionalString("secret") {
            outcome = .secret(name: name, try field.id("secretId"))
        } else if let error = field.presentValue("error") {
            outcome = .error(try field.unwrap(RunFailure(json: error), "error"))
        } else {
            outcome = .value(try field.attachment())
        }
        self.init(
            outcome: outcome, startedAt: try field.time("startedAt"), duration: .microseconds(try field.int("durationUs")),
            deliveredAt: try field.time("deliveredAt"))
    }
}

extension RunFailure {
    /// `{name, message, stack?, location?}`, as stored and as shown.
    package var json: JSONValue {
        var object: JSONObject = ["name": .string(name), "message": .string(message)]
        if let stack { object.append("stack", .string(stack)) }
        if let location { object.append("location", .string(location)) }
        return .object(object)
    }

    /// What stands in the place of a failure whose words may quote somebody's data.
    package static let erased = RunFailure(name: "Erased", message: Erased.text)
    fileprivate static let stubs: JSONObject = ["error": erased.json]

    package init?(json: JSONValue) {
        guard let name = json["name"]?.string, let message = json["message"]?.string else { return nil }
        self.init(name: name, message: message, stack: json["stack"]?.string, location: json["location"]?.string)
    }
}

extension LogLine {
    package var json: JSONValue { ["level": .string(level), "text": .string(text), "at": .time(at)] }
    fileprivate var erased: LogLine { LogLine(level: level, text: Erased.text, at: at) }

    fileprivate init?(json: JSONValue) {
        guard let level = json["level"]?.string, let text = json["text"]?.string, let at = json["at"]?.string.flatMap({ Timestamp($0) }) else {
            return nil
        }
        self.init(level: level, text: text, at: at)
    }
}
