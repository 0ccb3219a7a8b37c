import Projections
import Vocabulary

/// Who sent a request, and for whom.
struct Caller: Sendable {
    let key: APIKeyID
    let space: SpaceID
    /// The customer or space that path or header name; nil when neither does.
    let namedTenant: TenantID?

    /// Whose things are meant: what was named, else the space.
    var tenant: TenantID { namedTenant ?? space }

    /// What the caller may see: a customer's own things, or all of the space.
    var scope: ReadScope { tenant == space ? .space(space) : .tenant(tenant) }

    var principal: Principal { Principal(kind: .serviceAccount, id: key.description) }
}
