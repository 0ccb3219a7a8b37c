package import Vocabulary

/// What goes with every command: who gives it, why, for which request, in which lane.
package struct CommandEnvelope: Sendable {
    /// The same id gives the same answer, however often it is sent while the log remembers it, which is a week.
    package let commandID: CommandID
    package let principal: Principal
    /// The request that all this belongs to.
    package let correlation: CorrelationID
    /// The event or command that led here; nil for the first.
    package let causation: UInt128?
    package let lane: Lane
    package let environment: EnvironmentName
    /// Whether the command id is remembered in the log. Streams that begin with a derived id need no second guard.
    package let isRemembered: Bool
    /// Values of `fastn.state` that are written with the events.
    package let stateWrites: [StateWrite]
    /// The term under which this process must still own the slice, for commands that tell of work done as its owner.
    package let term: SliceTerm?

    package init(
        commandID: CommandID, principal: Principal, correlation: CorrelationID, causation: UInt128? = nil, lane: Lane,
        environment: EnvironmentName = .production, isRemembered: Bool = true, stateWrites: [StateWrite] = [], term: SliceTerm? = nil
    ) {
        self.commandID = commandID
        self.principal = principal
        self.correlation = correlation
        self.causation = causation
        self.lane = lane
        self.environment = environment
        self.isRemembered = isRemembered
        self.stateWrites = stateWrites
        self.term = term
    }
}

/// One value of a workflow's durable key-value state, written in the transaction of the journal entry that reports it.
package struct StateWrite: Hashable, Sendable {
    package let scope: StateScopeID
    package let key: String
    /// JSON bytes; nil deletes the key.
    package let value: [UInt8]?
    package let expires: Timestamp?

    package init(scope: StateScopeID, key: String, value: [UInt8]?, expires: Timestamp? = nil) {
        self.scope = scope
        self.key = key
        self.value = value
        self.expires = expires
    }
}
