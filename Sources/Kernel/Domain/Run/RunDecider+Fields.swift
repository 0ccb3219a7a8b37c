package import Vocabulary

extension RunDecider {
    package static func subject(of state: RunState) -> Run? {
        if case .present(let run) = state { run } else { nil }
    }

    package static let fields: [EntityField<Run, RunEvent>] = request + progress

    /// What the run is pinned to.
    private static let request: [EntityField<Run, RunEvent>] = [
        .text("workflow") { $0.request.slug }, .id("workflowId") { $0.request.workflow }, .integer("version") { $0.request.version },
        .text("hash") { $0.request.artefact }, .text("environment") { $0.request.environment.name }, .choice("tier") { $0.request.tier },
        .value("timeoutMs", { $0.request.timeout }) { .int($0.milliseconds) },
        .value("retry", { $0.request.retry }, json: \.json), .text("triggeredBy") { $0.request.triggeredBy },
        .id("eventId") { $0.request.event }, .id("triggerId") { $0.request.trigger },
    ]

    /// How far it has come. Calls are numbered from 0 in the order in which the code made them.
    private static let progress: [EntityField<Run, RunEvent>] = [
        .choice("status") { $0.status }, .integer("attempts") { $0.attempts.last?.number ?? 0 }, .integer("starts") { $0.attempts.count },
        .time("startedAt") { $0.attempts.first?.at }, .text("engine") { $0.attempts.last?.engine },
        .value("timeWorkedMs", { $0.timeWorked }) { .int($0.milliseconds) }, .value("waiting", { $0.waiting }) { $0?.json ?? .null },
        .flag("cancelRequested") { $0.isCancelRequested },
        .value("error", { $0.failure }) { $0?.json ?? .null }, .value("output", { $0.output }) { $0.map(JSONValue.init(document:)) ?? .null },
        .members(
            "steps", keys: { Array($0.calls.keys) }, value: { $0.calls[$1] }, touched: touchedCalls, json: \.json),
        .integer("logLines") { $0.loggedLines },
    ]

    @Sendable private static func touchedCalls(_ event: RunEvent) -> TouchedMembers<Int> {
        switch event {
        case .callScheduled(let call), .callCompleted(let call, _): .only([call.index])
        // What failed is dropped for the next attempt.
        case .requested, .retryScheduled: .any
        case .started, .logged, .cancelRequested, .completed, .failed, .timedOut, .cancelled, .parked: .none
        }
    }
}

extension RunWaiting {
    /// `{reason, until?}`
    package var json: JSONValue {
        switch self {
        case .retry(let due): ["reason": "retry", "until": .time(due)]
        case .attention: ["reason": "needs attention"]
        }
    }
}

extension JournalEntry {
    /// As the API shows a step. A secret is shown by its name; the value is nowhere in the log.
    package var json: JSONValue {
        let output: JSONValue =
            switch result?.outcome {
            case .value(let bytes): JSONValue(document: bytes)
            case .secret(let name, _): ["secret": .string(name)]
            case .error, nil: .null
            }
        var object: JSONObject = [
            "index": .int(call.index), "operation": .string(call.operation), "connector": .optional(call.connector),
            "action": .optional(call.action), "connection": .optional(call.connection), "input": JSONValue(document: Array(call.input.utf8)),
            "output": output, "startedAt": (result?.startedAt).map(JSONValue.time) ?? .null,
            "durationMs": result.map { .double(Double($0.duration.microseconds) / 1000) } ?? .null,
        ]
        if case .error(let failure) = result?.outcome { object.append("error", failure.json) }
        return .object(object)
    }
}
