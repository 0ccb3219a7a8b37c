import PostgresDriver
package import Vocabulary

/// One line of the audit log.
package struct AuditView: ReadModelRow, Hashable {
    package let id: EventID
    package let tenant: TenantID
    package let createdAt: Timestamp
    package let actor: Principal
    package let action: String
    package let resourceType: String
    package let resourceID: String
    package let outcome: AuditOutcome
    package let reason: String?
    package let correlation: CorrelationID

    package var cursorID: UInt128 { id.bits }

    static let selection = """
        select entry_id, tenant_id, recorded_at, actor_type, actor_id, on_behalf_of, action, resource_type, resource_id, outcome, reason,
            correlation_id
        from audit_log
        """

    init(row: PostgresRow) throws {
        id = try row.id(0)
        tenant = try row.id(1)
        createdAt = try row.time(2)
        actor = Principal(kind: try row.choice(3), id: try row.text(4), onBehalfOf: try row.optionalText(5))
        action = try row.text(6)
        resourceType = try row.text(7)
        resourceID = try row.text(8)
        outcome = try row.choice(9)
        reason = try row.optionalText(10)
        correlation = try row.id(11)
    }

    package var json: JSONValue {
        var actor: JSONObject = ["type": .string(self.actor.kind.rawValue), "id": .string(self.actor.id)]
        if let onBehalfOf = self.actor.onBehalfOf { actor.append("onBehalfOf", .string(onBehalfOf)) }
        var object: JSONObject = [
            "id": .id(id), "timestamp": .time(createdAt), "tenantId": .id(tenant), "actor": .object(actor), "action": .string(action),
            "resource": ["type": .string(resourceType), "id": .string(resourceID)], "outcome": .string(outcome.rawValue),
            "correlationId": .id(correlation),
        ]
        if let reason { object.append("reason", .string(reason)) }
        return .object(object)
    }
}
