import ProcessTestKit
import ServerTestKit
import Testing
import Vocabulary

/// All work is done: what is left in these tables would be run later, or never.
func expectNothingLeft(_ server: Server) async throws {
    for table in ["inbox where state = 0", "jobs"] {
        do {
            try await until("the end of the work in \(table)", within: .seconds(300)) {
                try await server.rows("select count(*)::text from \(table)") == ["0"]
            }
        } catch {
            let left = try await server.rows("select t::text from (select * from \(table) limit 5) t")
            let owned = try await server.rows("select count(*)::text from slice_lease where owner is not null and expires_at > clock_timestamp()")
            throw KitError("\(error); left: \(left); slices owned: \(owned); the server wrote: \(server.log.suffix(4000))")
        }
    }
}

/// Every accepted delivery is one event with one completed execution of each of these workflows, and there is nothing else.
func expectEachRanOnce(_ accepted: [String: String], of flows: [String], customer: Customer) async throws {
    let expected = Set(accepted.values.flatMap { event in flows.map { "\(event) \($0)" } })
    #expect(Set(accepted.values).count == accepted.count, "two deliveries were answered with one event")
    let executions = try await value("the end of all \(expected.count) executions", within: .seconds(300)) {
        let rows = try await customer.list("executions")
        return rows.count >= expected.count && !rows.contains { ["pending", "running"].contains($0["status"]?.string) } ? rows : nil
    }
    let notCompleted = executions.filter { $0["status"] != "completed" }
    #expect(notCompleted.isEmpty, "\(notCompleted.first?.text ?? "")")
    #expect(executions.count == expected.count)
    #expect(Set(executions.map { "\($0["eventId"]?.string ?? "") \($0["workflow"]?.string ?? "")" }) == expected)
    #expect(try await customer.list("events").count == accepted.count)
}

/// In every slice the positions of the log go from 1 without a gap.
func expectDensePositions(_ server: Server) async throws {
    let gaps = try await server.rows(
        """
        select slice::text || ': ' || min(pos) || ' to ' || max(pos) || ' in ' || count(*) from events group by slice
        having min(pos) <> 1 or max(pos) <> count(*) or count(distinct pos) <> count(*)
        """)
    #expect(gaps.isEmpty)
}
