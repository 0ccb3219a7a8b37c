import Domain
import EventSourcing
import Vocabulary

/// Asks for random moments of a workflow that was saved a number of times, and takes the time of each answer.
struct AsOfLoad: Sendable {
    let store: any EventStore
    let ids: any IDSource
    /// Events of the workflow.
    let events: Int
    let reads: Int

    /// Writes the workflow, then reads; answers seconds.
    func run() async throws -> [Double] {
        let address = StreamAddress(tenant: ids.next(), stream: ids.next(), category: WorkflowDecider.category)
        let times = try await write(to: address)
        let travel = TimeTravel(store: store)
        let clock = ContinuousClock()
        var seconds: [Double] = []
        for _ in 0..<reads {
            guard let time = times.randomElement() else { break }
            let duration = try await clock.measure {
                guard case .found = try await travel.asOf(EntityKinds.workflow, at: address, .time(time)) else { throw NothingFound() }
            }
            seconds.append(Double(duration.microseconds) / 1_000_000)
        }
        return seconds
    }

    /// Saves a draft again and again; answers when each event was recorded.
    private func write(to address: StreamAddress) async throws -> [Timestamp] {
        let envelope = CommandEnvelope(
            commandID: ids.next(), principal: .system("bench"), correlation: ids.next(), lane: .p4, isRemembered: false)
        for start in stride(from: 0, to: events, by: Limits.eventsPerBatch) {
            let batch = (start..<min(start + Limits.eventsPerBatch, events)).map { index in
                NewEvent(id: ids.next(), form: event(index, address.tenant).stored, meta: EventMeta(envelope))
            }
            _ = try await store.append(AppendBatch(address: address, expected: .any, events: batch))
        }
        var times: [Timestamp] = []
        while times.count < events {
            let version = StreamVersion(Int32(times.count))
            times += try await store.read(address, after: version, limit: Limits.eventsPerPage).map(\.recordedAt)
        }
        return times
    }

    private func event(_ index: Int, _ owner: TenantID) -> WorkflowEvent {
        let draft = WorkflowDraft(
            owner: owner, name: "Workflow \(index % 7)", slug: "bench", description: "Saved \(index) times", tier: .standard, timeoutSeconds: 60,
            retry: RetryPolicy(), language: .typescript, code: "export default async function () { return \(index); }")
        return index == 0 ? .created(draft) : .updated(draft)
    }
}

/// An entity that was just written is not there.
struct NothingFound: Error {}
