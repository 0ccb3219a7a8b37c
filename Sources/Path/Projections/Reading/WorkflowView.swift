package import Domain
import PostgresDriver
package import Vocabulary

/// A workflow as its author edits it, with its status.
package struct WorkflowView: ReadModelRow, Hashable {
    package let id: WorkflowID
    package let tenant: TenantID
    package let slug: String
    package let name: String
    package let description: String
    package let tier: ExecutionTier
    package let timeoutSeconds: Int
    package let retry: RetryPolicy
    package let language: WorkflowLanguage
    package let status: WorkflowStatus
    /// Counts saves, from 1.
    package let revision: Int
    /// The newest published version; nil before the first.
    package let version: Int?
    package let createdAt: Timestamp
    package let updatedAt: Timestamp
    /// The draft's source; nil in lists.
    package let code: String?

    package var cursorID: UInt128 { id.bits }

    static func selection(code: String) -> String {
        """
        select workflow_id, tenant_id, slug, name, description, tier, timeout_seconds, retry, language, status, revision, current_version, created_at,
            updated_at, \(code)
        from workflows
        """
    }

    init(row: PostgresRow) throws {
        id = try row.id(0)
        tenant = try row.id(1)
        slug = try row.text(2)
        name = try row.text(3)
        description = try row.utf8(4)
        tier = try row.choice(5)
        timeoutSeconds = try row.int(6)
        retry = try row.retryPolicy(7)
        language = try row.choice(8)
        status = try row.choice(9)
        revision = try row.int(10)
        version = try row.optionalInt(11)
        createdAt = try row.time(12)
        updatedAt = try row.time(13)
        code = try row.optionalBytes(14).map { String(decoding: $0, as: UTF8.self) }
    }

    package var json: JSONValue { .object(members) }

    var members: JSONObject {
        var object: JSONObject = [
            "id": .id(id), "tenantId": .id(tenant), "name": .string(name), "slug": .string(slug), "description": .string(description),
            "tier": .string(tier.rawValue), "timeoutSeconds": .int(timeoutSeconds), "retry": retry.json, "language": .string(language.rawValue),
            "status": .string(status.rawValue), "revision": .int(revision), "version": version.map { .int($0) } ?? .null,
            "createdAt": .time(createdAt), "updatedAt": .time(updatedAt),
        ]
        if let code { object.append("code", .string(code)) }
        return object
    }
}

/// A workflow with its code and its published versions.
package struct WorkflowDetail: Hashable, Sendable {
    package let workflow: WorkflowView
    package let versions: [WorkflowVersionView]

    package var json: JSONValue {
        var object = workflow.members
        object.append("versions", .array(versions.map(\.json)))
        return .object(object)
    }
}

/// One published version.
package struct WorkflowVersionView: Hashable, Sendable {
    /// From 1.
    package let number: Int
    package let hash: String
    package let language: WorkflowLanguage
    package let tier: ExecutionTier
    package let timeoutSeconds: Int
    package let publishedAt: Timestamp
    package let publishedBy: String

    static let selection = "select number, hash, language, tier, timeout_seconds, published_at, published_by from workflow_versions"

    init(row: PostgresRow) throws {
        number = try row.int(0)
        hash = try row.text(1)
        language = try row.choice(2)
        tier = try row.choice(3)
        timeoutSeconds = try row.int(4)
        publishedAt = try row.time(5)
        publishedBy = try row.text(6)
    }

    package var json: JSONValue {
        [
            "version": .int(number), "hash": .string(hash), "language": .string(language.rawValue), "tier": .string(tier.rawValue),
            "timeoutSeconds": .int(timeoutSeconds), "publishedAt": .time(publishedAt), "publishedBy": .string(publishedBy),
        ]
    }
}
