import PostgresDriver
package import Vocabulary

/// Whose rows a reader may see; the database holds every read to it, whatever the query says.
package enum ReadScope: Hashable, Sendable {
    /// One customer's rows, or those that belong to a space itself.
    case tenant(TenantID)
    /// A space's own rows and those of all its customers.
    case space(SpaceID)

    /// What the row policies look at, set for one transaction.
    var settings: [String: String] {
        switch self {
        case .tenant(let tenant): ["fastn.tenant": "\(tenant)"]
        case .space(let space): ["fastn.space": "\(space)"]
        }
    }

    /// The column that leads the index which serves the scope.
    var column: String {
        switch self {
        case .tenant: "tenant_id"
        case .space: "space_id"
        }
    }

    var value: PostgresValue {
        switch self {
        case .tenant(let id), .space(let id): .id(id)
        }
    }
}
