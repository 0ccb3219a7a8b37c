import Domain
import EventSourcing
import PostgresDriver
import Vocabulary

/// Counts events, executions and run seconds for each tenant and UTC day.
///
/// An event counts when it is received, an execution when its first attempt begins, and run time is added when an attempt ends.
struct UsageProjection: Projection {
    let name = ProjectionName.usage
    let categories: Set<Category>? = [ReceivedEventDecider.category, RunDecider.category]
    let version: Int32 = 1

    private static let types: Set<String> = [
        "event.received", "run.requested", "run.started", "run.retry.scheduled", "run.completed", "run.failed", "run.timed_out", "run.cancelled",
        "run.parked",
    ]

    func statements(for events: [RecordedEvent], read: RowReader) async throws -> [PostgresStatement] {
        let events = events.filter { Self.types.contains($0.form.type) }
        guard !events.isEmpty else { return [] }
        var fold = UsageFold(known: try await Self.known(in: events, read))
        for event in events {
            if event.form.type == "event.received" {
                guard case .received(let received) = try ReceivedEventEvent.restore(event.form) else { throw StoredFormError(event.form) }
                fold.receive(received, event)
            } else {
                fold.apply(try RunEvent.restore(event.form), event)
            }
        }
        return fold.statements
    }

    /// The open runs of earlier batches that this one goes on with. They change only together with the checkpoints that the batch is held to.
    private static func known(
        in events: [RecordedEvent], _ read: RowReader
    ) async throws -> [RunID: UsageFold.OpenRun] {
        let requested = Set(events.filter { $0.form.type == "run.requested" }.map(\.address.stream))
        let older = Set(events.filter { $0.address.category == RunDecider.category }.map(\.address.stream)).subtracting(requested)
        guard !older.isEmpty else { return [:] }
        var known: [RunID: UsageFold.OpenRun] = [:]
        let sql = "select run_id, tenant_id, space_id, working_since from usage_runs where run_id = any($1)"
        for row in try await read(PostgresStatement(sql, [.ids(older.sorted())])) {
            known[try row.id(0)] = UsageFold.OpenRun(tenant: try row.id(1), space: try row.id(2), workingSince: try row.optionalTime(3))
        }
        return known
    }
}
