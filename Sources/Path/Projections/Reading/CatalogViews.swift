package import Domain
import EventSourcing
import PostgresDriver
package import Vocabulary

/// A trigger, without its secret.
package struct TriggerView: ReadModelRow, Hashable {
    package let id: TriggerID
    package let tenant: TenantID
    package let specification: TriggerSpecification
    package let isEnabled: Bool
    package let createdAt: Timestamp
    package let updatedAt: Timestamp

    package var cursorID: UInt128 { id.bits }

    static let selection = "select trigger_id, tenant_id, specification, is_enabled, created_at, updated_at from triggers"

    init(row: PostgresRow) throws {
        id = try row.id(0)
        tenant = try row.id(1)
        specification = try row.specification(2)
        isEnabled = try row.bool(3)
        createdAt = try row.time(4)
        updatedAt = try row.time(5)
    }

    package var json: JSONValue {
        [
            "id": .id(id), "tenantId": .id(tenant), "name": .string(specification.name), "type": "webhook",
            "environment": .string(specification.environment.name), "verification": ["scheme": .string(specification.scheme)],
            "routes": .array(specification.routes.map(\.json)),
            "subject": .optional(specification.subject), "enabled": .bool(isEnabled),
            "createdAt": .time(createdAt), "updatedAt": .time(updatedAt),
        ]
    }
}

/// A connection, without its credentials.
package struct ConnectionView: ReadModelRow, Hashable {
    package let id: ConnectionID
    package let tenant: TenantID
    package let name: String
    package let connector: String
    package let auth: ConnectionAuth
    package let allowedHosts: JSONValue
    package let createdAt: Timestamp
    package let updatedAt: Timestamp

    package var cursorID: UInt128 { id.bits }

    static let selection = "select connection_id, tenant_id, name, connector, auth, allowed_hosts, created_at, updated_at from connections"

    init(row: PostgresRow) throws {
        id = try row.id(0)
        tenant = try row.id(1)
        name = try row.text(2)
        connector = try row.text(3)
        auth = try row.auth(4)
        allowedHosts = try row.document(5)
        createdAt = try row.time(6)
        updatedAt = try row.time(7)
    }

    package var json: JSONValue {
        [
            "id": .id(id), "tenantId": .id(tenant), "name": .string(name), "connector": .string(connector), "auth": auth.json,
            "allowedHosts": allowedHosts, "createdAt": .time(createdAt), "updatedAt": .time(updatedAt),
        ]
    }
}

/// A secret's name and dates.
package struct SecretView: ReadModelRow, Hashable {
    package let tenant: TenantID
    package let name: String
    package let createdAt: Timestamp
    package let updatedAt: Timestamp
    package let cursorID: UInt128

    static let selection = "select tenant_id, name, created_at, updated_at, secret_id from secrets"

    init(row: PostgresRow) throws {
        tenant = try row.id(0)
        name = try row.text(1)
        createdAt = try row.time(2)
        updatedAt = try row.time(3)
        cursorID = try row.uuid(4)
    }

    package var json: JSONValue {
        ["name": .string(name), "tenantId": .id(tenant), "createdAt": .time(createdAt), "updatedAt": .time(updatedAt)]
    }
}

/// A customer of a space, or a space itself, which has no external id.
package struct TenantView: ReadModelRow, Hashable {
    package let id: TenantID
    package let space: SpaceID
    package let name: String
    package let externalID: String?
    /// In whose database its data lives.
    package let region: Region
    package let createdAt: Timestamp

    package var cursorID: UInt128 { id.bits }

    static let selection = "select tenant_id, space_id, name, external_id, created_at from tenants"

    init(row: PostgresRow, _ regions: Regions) throws {
        id = try row.id(0)
        region = regions[id]
        space = try row.id(1)
        name = try row.text(2)
        externalID = try row.optionalText(3)
        createdAt = try row.time(4)
    }

    package var json: JSONValue {
        [
            "id": .id(id), "spaceId": .id(space), "name": .string(name), "externalId": .optional(externalID), "region": .string(region.name),
            "createdAt": .time(createdAt),
        ]
    }
}
