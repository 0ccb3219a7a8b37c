package import Domain
import PostgresDriver
package import Vocabulary

/// An execution as lists show it.
package struct ExecutionView: ReadModelRow, Hashable {
    package let id: RunID
    package let tenant: TenantID
    package let environment: String
    package let workflow: WorkflowID
    package let slug: String
    package let version: Int
    package let tier: ExecutionTier
    package let status: RunStatus
    package let attempts: Int
    /// `retry`, `needs attention`; nil when it is worked on or has ended.
    package let waitingReason: String?
    package let waitingSince: Timestamp?
    package let createdAt: Timestamp
    package let startedAt: Timestamp?
    package let endedAt: Timestamp?
    package let triggeredBy: String
    package let event: EventID
    package let trigger: TriggerID?
    /// `{name, message, stack?, location?}`.
    package let failure: JSONValue?
    /// JSON text; nil in lists.
    package let output: [UInt8]?

    package var cursorID: UInt128 { id.bits }
    /// From the first attempt's begin to the end; nil before that.
    package var duration: Duration? { if let startedAt, let endedAt { max(.zero, endedAt - startedAt) } else { nil } }

    /// An output can be large, so that only a single execution is read with it.
    static func selection(output: String) -> String {
        """
        select execution_id, tenant_id, environment, workflow_id, slug, version, tier, status, attempts, waiting_reason, waiting_since, requested_at,
            started_at, ended_at, triggered_by, event_id, trigger_id, error, \(output)
        from executions
        """
    }

    init(row: PostgresRow) throws {
        id = try row.id(0)
        tenant = try row.id(1)
        environment = try row.text(2)
        workflow = try row.id(3)
        slug = try row.text(4)
        version = try row.int(5)
        tier = try row.choice(6)
        status = try row.choice(7)
        attempts = try row.int(8)
        waitingReason = try row.optionalText(9)
        waitingSince = try row.optionalTime(10)
        createdAt = try row.time(11)
        startedAt = try row.optionalTime(12)
        endedAt = try row.optionalTime(13)
        triggeredBy = try row.text(14)
        event = try row.id(15)
        trigger = try row.optionalID(16)
        failure = try row.optionalDocument(17)
        output = try row.optionalBytes(18)
    }

    package var json: JSONValue { .object(members) }

    var members: JSONObject {
        var object: JSONObject = [
            "id": .id(id), "workflow": .string(slug), "workflowId": .id(workflow), "tenantId": .id(tenant), "environment": .string(environment),
            "tier": .string(tier.rawValue), "version": .int(version), "status": .string(status.rawValue), "createdAt": .time(createdAt),
            "startedAt": startedAt.map(JSONValue.time) ?? .null, "endedAt": endedAt.map(JSONValue.time) ?? .null,
            "durationMs": duration.map { .int($0.milliseconds) } ?? .null, "triggeredBy": .string(triggeredBy), "eventId": .id(event),
            "triggerId": trigger.map(JSONValue.id) ?? .null, "attempts": .int(attempts),
        ]
        if let waitingReason, let waitingSince { object.append("waiting", ["reason": .string(waitingReason), "since": .time(waitingSince)]) }
        if let failure { object.append("error", failure) }
        if let output { object.append("output", JSONValue(document: output)) }
        return object
    }
}

/// An execution with its trace.
package struct ExecutionDetail: Hashable, Sendable {
    package let execution: ExecutionView
    /// By attempt and place in the code's order of calls.
    package let steps: [ExecutionStepView]
    package let logs: [ExecutionLogView]

    package var json: JSONValue {
        var object = execution.members
        object.append("steps", .array(steps.map(\.json)))
        object.append("logs", .array(logs.map(\.json)))
        return .object(object)
    }
}
