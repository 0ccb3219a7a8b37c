import EventSourcing
import PostgresDriver
import PostgresTestKit
import Testing
import Vocabulary

@testable import Projections

@Suite struct `Reading several databases` {
    /// A database that never answers, and whose callers wait for longer than any test.
    private static func withAbsent(_ database: TestDatabase, _ body: (PostgresPool) async throws -> Void) async throws {
        var nowhere = database.configuration()
        nowhere.connectionString += "&port=1"
        let absent = PostgresPool(configuration: nowhere, connectionLimit: 1, leaseTimeout: .seconds(3600))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await absent.run() }
            defer { group.cancelAll() }
            try await body(absent)
        }
    }

    @Test(.timeLimit(.minutes(1))) func `finds what one has while another one does not answer`() async throws {
        try await withTestDatabase { database in
            let present = database.pool()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await present.run() }
                defer { group.cancelAll() }
                try await Self.withAbsent(database) { absent in
                    let found = try await [absent, present].first { try await $0.query("select 7::int8").first?.int8(0) }
                    #expect(found == 7)
                }
            }
        }
    }

    @Test func `shows the newest of all, with ids between rows of one instant`() async throws {
        let regions = Regions([try #require(Slice(number: 0)): try #require(Region("eu"))])
        try await withTestDatabase { database in
            let pools = regions.map { _ in database.pool() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for pool in pools.all { group.addTask { try await pool.run() } }
                defer { group.cancelAll() }
                let space = SpaceID(bits: 7)
                // Both pools show the same rows, so that each comes twice, side by side.
                let rows = "(values ('2026-03-01'::timestamptz, 1), ('2026-03-02', 2), ('2026-03-02', 3)) as t(at, id)"
                let selection = "select * from (select at, id, '\(space)'::uuid as space_id from \(rows)) x"
                let query = ListQuery(selection, order: "at, id", scope: .space(space))
                let page = try await query.page(PageRequest(limit: 3), from: pools) { DatedRow(createdAt: try $0.time(0), number: try $0.int4(1)) }
                #expect(page.rows.map(\.number) == [3, 3, 2])
                #expect(page.nextCursor != nil)
            }
        }
    }
}

private struct DatedRow: ReadModelRow {
    let createdAt: Timestamp
    let number: Int32
    var cursorID: UInt128 { UInt128(number) }
    var json: JSONValue { .null }
}
