package import Domain
import PostgresDriver
package import Vocabulary

/// An event from outside, without its body.
package struct EventView: ReadModelRow, Hashable {
    package let id: EventID
    package let tenant: TenantID
    package let environment: String
    package let kind: EventKind
    package let trigger: TriggerID?
    package let createdAt: Timestamp
    package let query: String?
    package let bodyBytes: Int
    package let contentType: String?
    /// `received`, `routed`.
    package let status: String
    package let source: String?
    package let type: String?
    package let idempotencyKey: String?
    /// `[{workflowId, executionId}]`; nil before it was routed.
    package let routes: JSONValue?
    /// Nil in lists.
    package let headers: JSONValue?

    package var cursorID: UInt128 { id.bits }

    static func selection(headers: String) -> String {
        """
        select event_id, tenant_id, environment, kind, trigger_id, received_at, query, body_bytes, content_type, status, source, type,
            idempotency_key, routes, \(headers)
        from received_events
        """
    }

    init(row: PostgresRow) throws {
        id = try row.id(0)
        tenant = try row.id(1)
        environment = try row.text(2)
        kind = try row.choice(3)
        trigger = try row.optionalID(4)
        createdAt = try row.time(5)
        query = try row.optionalText(6)
        bodyBytes = try row.int(7)
        contentType = try row.optionalText(8)
        status = try row.text(9)
        source = try row.optionalText(10)
        type = try row.optionalText(11)
        idempotencyKey = try row.optionalText(12)
        routes = try row.optionalDocument(13)
        headers = try row.optionalDocument(14)
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "id": .id(id), "kind": .string(kind.rawValue), "source": .optional(source), "type": .optional(type), "status": .string(status),
            "tenantId": .id(tenant), "environment": .string(environment), "triggerId": trigger.map(JSONValue.id) ?? .null,
            "receivedAt": .time(createdAt), "contentType": .optional(contentType), "bodyBytes": .int(bodyBytes), "query": .optional(query),
            "idempotencyKey": .optional(idempotencyKey), "routes": routes ?? [],
        ]
        if let headers { object.append("headers", headers) }
        return .object(object)
    }
}
