package import Vocabulary

/// Makes the calls of workflows that leave this system; runs see only this.
package protocol ActionCaller: Sendable {
    /// Whether making the call twice is harmless, so that it needs no record before it leaves.
    func isIdempotent(connector: String, action: String) -> Bool

    /// Makes one call; a failure of the call is an outcome that the workflow sees.
    ///
    /// Throws when this system could not make it, such as without its database; then the run is taken up again.
    func call(_ call: ActionCall) async throws -> ActionOutcome
}

/// One call of a connector's action.
package struct ActionCall: Sendable {
    package let tenant: TenantID
    package let space: SpaceID
    /// The connector's slug, `http`.
    package let connector: String
    /// The action's name, `get`.
    package let action: String
    /// JSON text of the arguments as the workflow gave them.
    package let input: [UInt8]
    /// Equal for every repetition of the same call of the same run.
    package let idempotencyKey: String
    /// At most this long.
    package let timeout: Duration

    package init(
        tenant: TenantID, space: SpaceID, connector: String, action: String, input: [UInt8], idempotencyKey: String, timeout: Duration
    ) {
        self.tenant = tenant
        self.space = space
        self.connector = connector
        self.action = action
        self.input = input
        self.idempotencyKey = idempotencyKey
        self.timeout = timeout
    }
}

/// What came of a call; credentials are struck out of both.
package enum ActionOutcome: Sendable {
    /// JSON text.
    case value([UInt8])
    case error(RunFailure)
}
