package import Domain
package import Vocabulary

/// A workflow called by its name.
package struct FlowCall: Sendable {
    /// The tenant for whom it runs.
    package let tenant: TenantID
    package let space: SpaceID
    /// The workflow's slug.
    package let name: String
    package let principal: Principal
    package let environment: EnvironmentName
    package let headers: [(name: String, value: String)]
    /// A JSON object, or nothing. Its member `input`, or without one the whole, is what the workflow gets.
    package let body: [UInt8]
    package let query: String?
    /// Equal for repetitions of one call, which then answer with the first one's ids.
    package let idempotencyKey: String?

    package init(
        tenant: TenantID, space: SpaceID, name: String, principal: Principal, environment: EnvironmentName = .production,
        headers: [(name: String, value: String)], body: [UInt8], query: String? = nil, idempotencyKey: String? = nil
    ) {
        self.tenant = tenant
        self.space = space
        self.name = name
        self.principal = principal
        self.environment = environment
        self.headers = headers
        self.body = body
        self.query = query
        self.idempotencyKey = idempotencyKey
    }
}

/// What a call came to.
package enum FlowCallOutcome: Hashable, Sendable {
    /// Committed; the caller of an Instant workflow may wait for the run.
    case started(StartedFlow)
    /// 404: neither the tenant nor its space has a workflow of that name.
    case notFound
    /// 409: it is not published, disabled or archived.
    case inactive
    /// 409: nothing of the tenant is kept any more.
    case erased
    /// 400.
    case invalid([Problem])
    /// 413: body or headers.
    case tooLarge
}

/// A run that a call started.
package struct StartedFlow: Hashable, Sendable {
    package let event: EventID
    package let run: RunID
    package let tier: ExecutionTier
    /// Seconds that the run may take.
    package let timeoutSeconds: Int
    /// Whether an earlier call with the same idempotency key started it.
    package let isRepeated: Bool
    /// Where the run was asked for; nil when an earlier call did.
    package let position: LogPosition?
}
