package import Domain
package import EventSourcing
package import Vocabulary

/// Looks after runs while somebody waits for them.
package protocol RunControlling: Sendable {
    /// Executes a run and answers its state at the end, or as far as it came when another attempt follows; nil when somebody else has it.
    func execute(_ id: RunID, tenant: TenantID, lane: Lane) async throws -> Run?
    /// Asks a run to stop; throws `EntityRejection` when it has ended.
    func cancel(_ id: RunID, tenant: TenantID, _ envelope: CommandEnvelope) async throws -> EntityReply<RunState>
    /// Runs a finished execution again from its journal, touching nothing; throws `EntityRejection` when it cannot be.
    func replay(_ id: RunID, tenant: TenantID) async throws -> ReplayAnswer
}

/// Whether an execution, run again from its journal, went the same way.
package struct ReplayAnswer: Hashable, Sendable {
    package let isSame: Bool
    /// Host calls that the journal holds.
    package let calls: Int
    /// What differs, in words; nil when nothing does.
    package let difference: String?

    package init(isSame: Bool, calls: Int, difference: String?) {
        self.isSame = isSame
        self.calls = calls
        self.difference = difference
    }

    var json: JSONValue {
        var object: JSONObject = ["same": .bool(isSame), "calls": .int(calls)]
        if let difference { object.append("difference", .string(difference)) }
        return .object(object)
    }
}
