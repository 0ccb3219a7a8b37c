import Domain
import EventSourcing
import Vocabulary

/// Writes workflows that were saved a number of times straight into the log.
struct WorkflowLog: Sendable {
    /// Streams that are written at once, so that calls of the log carry several.
    private static let writers = 8
    /// Events of a workflow, and workflows of a tenant, when many are written.
    static let (eventsPerStream, streamsPerTenant) = (100, 10)

    let store: any EventStore
    let ids: any IDSource

    /// So many events, of as many tenants as that makes.
    func fill(events: Int) async throws {
        let tenants = events / (Self.eventsPerStream * Self.streamsPerTenant)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<Self.writers {
                group.addTask {
                    for _ in stride(from: writer, to: tenants, by: Self.writers) {
                        let tenant: TenantID = ids.next()
                        for _ in 0..<Self.streamsPerTenant { try await write(Self.eventsPerStream, to: address(of: tenant)) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// The place of a new workflow.
    func address(of tenant: TenantID) -> StreamAddress {
        StreamAddress(tenant: tenant, stream: ids.next(), category: WorkflowDecider.category)
    }

    /// Saves a draft so many times over.
    func write(_ events: Int, to address: StreamAddress) async throws {
        let envelope = CommandEnvelope(
            commandID: ids.next(), principal: .system("bench"), correlation: ids.next(), lane: .p4, isRemembered: false)
        for start in stride(from: 0, to: events, by: Limits.eventsPerBatch) {
            let batch = (start..<min(start + Limits.eventsPerBatch, events)).map { index in
                NewEvent(id: ids.next(), form: event(index, address.tenant).stored, meta: EventMeta(envelope))
            }
            _ = try await store.append(AppendBatch(address: address, expected: .any, events: batch))
        }
    }

    private func event(_ index: Int, _ owner: TenantID) -> WorkflowEvent {
        let draft = WorkflowDraft(
            owner: owner, name: "Workflow \(index % 7)", slug: "bench", description: "Saved \(index) times", tier: .standard, timeoutSeconds: 60,
            retry: RetryPolicy(), language: .typescript, code: "export default async function () { return \(index); }")
        return index == 0 ? .created(draft) : .updated(draft)
    }
}
