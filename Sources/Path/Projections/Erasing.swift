import Domain
import EventSourcing
import PostgresDriver
import Vocabulary

/// An erasure as a view meets it: what its rows show of somebody's data is replaced, so that they are what a rebuild would make of them.
///
/// A view does so when the erasure is asked for and once more at its end: until then another process may have read events with the key.
struct Erasing {
    /// Nil for the tenant with everybody in it.
    private let key: DataKeyID?
    private let tenant: TenantID

    /// The erasures among the events, in their order.
    static func all(in events: [RecordedEvent]) throws -> [Erasing] {
        try events.filter { $0.address.category == ErasureDecider.category }.map { event in
            let subject: DataSubjectID? =
                switch try ErasureEvent.restore(event.form) {
                case .requested(let request): request.subject
                case .completed(let subject, _): subject
                }
            return Erasing(key: subject == nil ? nil : event.address.stream.recast(), tenant: event.address.tenant)
        }
    }

    /// The condition on rows that have columns `tenant_id` and `data_key`, of which `$1` is the value.
    private var condition: String { key == nil ? "tenant_id = $1" : "data_key = $1" }
    private var whose: PostgresValue { key.map { .id($0) } ?? .id(tenant) }

    /// Replaces what executions show.
    var ofExecutions: [PostgresStatement] {
        let executions = "execution_id in (select execution_id from executions where \(condition))"
        let failure: PostgresValue = .json(RunFailure.erased.json)
        return [
            // Behind `case`, since what was not there is not there afterwards.
            PostgresStatement(
                """
                update executions set error = case when error is not null then $2::bytea end, output = case when output is not null then $3::bytea end
                where \(condition)
                """,
                [whose, failure, .bytes(Erased.document)]),
            // The name of a secret that was asked for is nobody's data.
            PostgresStatement(
                """
                update execution_steps set input = $3, error = case when error is not null then $2::bytea end,
                    output = case when operation = 'secrets.get' then output when output is not null then $3 end
                where \(executions)
                """, [whose, failure, .bytes(Erased.document)]),
            PostgresStatement("update execution_logs set text = $2 where \(executions)", [whose, .utf8(Erased.text)]),
        ]
    }

    /// Replaces what the list of received events shows.
    var ofReceivedEvents: [PostgresStatement] {
        [
            PostgresStatement(
                """
                update received_events set headers = $2, query = case when query is not null then $3::text end, body_bytes = $4, content_type = null,
                    type = case when type is not null then $5::text end, idempotency_key = case when idempotency_key is not null then $5::text end
                where \(condition)
                """,
                [whose, .json(Erased.headers), .text(Erased.query), .int(Erased.document.count), .text(Erased.text)])
        ]
    }
}
