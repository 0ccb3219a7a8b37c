package import Domain
package import EventSourcing
package import Vocabulary

/// Looks after runs while somebody waits for them.
package protocol RunControlling: Sendable {
    /// Executes a run and answers its state at the end, or as far as it came when another attempt follows; nil when somebody else has it.
    func execute(_ id: RunID, tenant: TenantID, lane: Lane) async throws -> Run?
    /// Asks a run to stop; throws `EntityRejection` when it has ended.
    func cancel(_ id: RunID, tenant: TenantID, _ envelope: CommandEnvelope) async throws -> EntityReply<RunState>
}
