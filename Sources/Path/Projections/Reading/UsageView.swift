import PostgresDriver
package import Vocabulary

/// What one tenant used on one UTC day.
package struct UsageView: Hashable, Sendable {
    /// Rows of one answer: a year of some thirty tenants, or a month of some three hundred.
    package static let rowLimit = 10_000

    package let tenant: TenantID
    package let day: CalendarDay
    package let events: Int64
    package let executions: Int64
    package let runSeconds: Double

    static let selection = "select tenant_id, day, events, executions, run_seconds::float8 from usage_daily"

    init(row: PostgresRow) throws {
        tenant = try row.id(0)
        day = try row.date(1).day
        events = try row.int8(2)
        executions = try row.int8(3)
        runSeconds = try row.double(4)
    }

    package var json: JSONValue {
        [
            "tenantId": .id(tenant), "day": .string("\(day)"), "events": .int(events), "executions": .int(executions),
            "runSeconds": .double(runSeconds),
        ]
    }
}
