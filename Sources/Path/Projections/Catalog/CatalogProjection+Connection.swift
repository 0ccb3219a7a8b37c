import Domain
import EventSourcing
import PostgresDriver
import Vocabulary

extension CatalogProjection {
    func statement(_ happened: ConnectionEvent, _ event: RecordedEvent) -> PostgresStatement {
        let connection = PostgresValue.id(event.address.stream)
        switch happened {
        case .created(let profile, let secret):
            let what: [PostgresValue] = [
                connection, .id(profile.tenant), .safeText(event.meta.environment.name), .safeText(profile.name), .safeText(profile.connector),
                .json(profile.auth.json), .json(.array(profile.allowedHosts.map(JSONValue.string))), .id(secret),
            ]
            return PostgresStatement(
                """
                insert into connections (connection_id, tenant_id, environment, name, connector, auth, allowed_hosts, secret_id, created_at,
                    updated_at, slice, pos, space_id)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11, coalesce((select t.space_id from tenants t where t.tenant_id = $2), $2))
                """, what + [.time(event.recordedAt)] + provenance(event))
        case .credentialsRotated(let auth, let secret):
            return PostgresStatement(
                "update connections set auth = $2, secret_id = $3, updated_at = $4, slice = $5, pos = $6 where connection_id = $1",
                [connection, .json(auth.json), .id(secret), .time(event.recordedAt)] + provenance(event))
        case .deleted: return PostgresStatement("delete from connections where connection_id = $1", [connection])
        }
    }
}
