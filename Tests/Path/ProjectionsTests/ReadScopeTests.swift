import Domain
import EventSourcing
import PostgresDriver
import Projections
import Testing
import Vocabulary

@Suite struct `Reading the views` {
    @Test func `a tenant sees its own, a space its customers', a stranger nothing`() async throws {
        try await withStage { stage in
            try await stage.makeCustomer()
            let (workflow, _) = try await stage.publish("sync")
            let (event, _) = try await stage.receive()
            let (run, end) = try await stage.completeRun()
            try await stage.see(end)
            let reads = stage.projections.reads
            for scope in [ReadScope.tenant(stage.customer), .space(stage.space)] {
                #expect(try await reads.execution(run, scope)?.steps.count == 1)
                #expect(try await reads.event(event, scope) != nil)
                #expect(try await reads.workflow(workflow, scope)?.versions.count == 1)
                #expect(try await reads.executions(scope, page: PageRequest()).rows.count == 1)
                #expect(try await reads.usage(scope, from: end.day(stage), to: end.day(stage)).count == 1)
            }
            for scope in [ReadScope.tenant(stage.stranger), .space(stage.stranger), .tenant(stage.space)] {
                #expect(try await reads.execution(run, scope) == nil)
                #expect(try await reads.event(event, scope) == nil)
                #expect(try await reads.workflow(workflow, scope) == nil)
                #expect(try await reads.executions(scope, page: PageRequest()).rows.isEmpty)
                #expect(try await reads.auditLog(scope, page: PageRequest()).rows.isEmpty)
            }
        }
    }

    @Test func `the reader's role sees no row without a scope, and no key at all`() async throws {
        try await withStage { stage in
            let (_, end) = try await stage.completeRun()
            try await stage.see(end)
            #expect(try await stage.reader.query("select from executions").isEmpty)
            #expect(try await stage.reader.query("select from executions", settings: ["fastn.tenant": "\(stage.customer)"]).count == 1)
            #expect(try await stage.reader.query("select from executions").isEmpty, "a scope ends with its transaction")
            await #expect(throws: PostgresError.self) { try await stage.reader.query("select from api_keys") }
            await #expect(throws: PostgresError.self) { try await stage.reader.query("delete from executions") }
            await #expect(throws: PostgresError.self) { try await stage.reader.query("select finish_rebuild('executions')") }
        }
    }

    @Test(arguments: 1...7) func `a list over many slices is in the order of time and id, also where pages end within one microsecond`(
        limit: Int
    ) async throws {
        try await withStage { stage in
            // The clock stands: the nth event of each slice has the same time in all of them.
            let tenants = (0..<6).map { TenantID(bits: 0xd0 + UInt128($0)) }
            var expected: [(time: Timestamp, id: EventID)] = []
            for _ in 0..<4 {
                for tenant in tenants {
                    let (id, at) = try await stage.receive(of: tenant)
                    let stored = try #require(try await stage.store.read(at.slice, after: at.position - 1, limit: 1).first)
                    expected.append((stored.recordedAt, id))
                }
            }
            expected.sort { ($0.time, $0.id) > ($1.time, $1.id) }
            #expect(Set(tenants.map { Slice(of: $0) }).count > 3 && Set(expected.map(\.time)).count < expected.count / 2)
            for (slice, position) in try await stage.store.heads() { try await stage.see(LogPosition(slice: slice, position: position), .events) }
            var (found, cursor) = ([EventID](), String?.none)
            repeat {
                let page = try await stage.projections.reads.events(.space(stage.space), page: PageRequest(limit: limit, cursor: cursor))
                found += page.rows.map(\.id)
                cursor = page.nextCursor
            } while cursor != nil
            #expect(found == expected.map(\.id))
        }
    }

    @Test func `pages follow each other without gap or double, also while rows are added`() async throws {
        try await withStage { stage in
            try await stage.makeCustomer()
            try await stage.makeCustomer(stage.stranger)
            var expected: Set<RunID> = []
            var last: [TenantID: LogPosition] = [:]
            for number in 0..<47 {
                // Two slices, so that some times are equal.
                let tenant = number.isMultiple(of: 2) ? stage.customer : stage.stranger
                let id: RunID = stage.clock.next()
                last[tenant] = try await stage.give(RunDecider.self, .request(stage.request()), to: id, of: tenant)
                expected.insert(id)
            }
            for position in last.values { try await stage.see(position, .executions) }
            var seen: [RunID] = []
            var cursor: String?
            repeat {
                let page = try await stage.projections.reads.executions(.space(stage.space), page: try PageRequest(limit: 5, cursor: cursor))
                #expect(page.rows.count == 5 || page.nextCursor == nil)
                #expect(page.json["page"]?["hasMore"] == .bool(page.nextCursor != nil))
                seen += page.rows.map(\.id)
                cursor = page.nextCursor
                stage.clock.advance(by: .seconds(1))
                try await stage.see(try await stage.give(RunDecider.self, .request(stage.request()), to: stage.clock.next(RunID.self)), .executions)
            } while cursor != nil
            #expect(seen.count == 47 && Set(seen) == expected)
        }
    }

    @Test func `a page is bounded and a cursor must be one`() async throws {
        try await withStage { stage in
            #expect(throws: InvalidCursor.self) { try PageRequest(cursor: "AAAA") }
            #expect(throws: InvalidCursor.self) { try PageRequest(cursor: "'; drop table executions") }
            for _ in 0..<210 { try await stage.give(RunDecider.self, .request(stage.request()), to: stage.clock.next(RunID.self)) }
            let (_, end) = try await stage.receive()
            try await stage.see(end)
            let reads = stage.projections.reads
            #expect(try await reads.executions(.tenant(stage.customer), page: PageRequest()).rows.count == 50)
            #expect(try await reads.executions(.tenant(stage.customer), page: PageRequest(limit: 100_000)).rows.count == 200)
            #expect(try await reads.executions(.tenant(stage.customer), page: PageRequest(limit: -1)).rows.count == 1)
        }
    }

    @Test func `the lists of what people made are filtered and shown`() async throws {
        try await withStage { stage in
            try await stage.makeCustomer()
            let (active, _) = try await stage.publish("live")
            try await stage.give(WorkflowDecider.self, .create(stage.draft("idea", tier: .long)), to: stage.clock.next(WorkflowID.self))
            let specification = TriggerSpecification(
                space: stage.space, name: "hook", environment: .production, scheme: "github", secret: SecretID(bits: 0x5ec),
                routes: [TriggerRoute(workflow: active, filter: nil)])
            try await stage.give(TriggerDecider.self, .create(specification), to: TriggerID(bits: 7))
            let profile = ConnectionProfile(
                tenant: stage.customer, name: "crm", connector: "http", auth: .apiKey(header: "X-Key"), allowedHosts: ["a"])
            try await stage.give(ConnectionDecider.self, .create(profile, secret: SecretID(bits: 0x5ec)), to: ConnectionID(bits: 8))
            try await stage.see(
                try await stage.give(KeyringDecider.self, .write(name: "token", secret: SecretID(bits: 0x5ec)), to: stage.customer.keyring))
            let (reads, scope) = (stage.projections.reads, ReadScope.space(stage.space))
            #expect(try await reads.workflows(scope, WorkflowFilter(status: .active), page: PageRequest()).rows.map(\.slug) == ["live"])
            #expect(try await reads.workflows(scope, WorkflowFilter(tier: .long), page: PageRequest()).rows.map(\.slug) == ["idea"])
            let shown = [
                try await reads.triggers(scope, page: PageRequest()).json, try await reads.connections(scope, page: PageRequest()).json,
                try await reads.secrets(scope, page: PageRequest()).json, try await reads.tenants(scope, page: PageRequest()).json,
            ]
            #expect(shown.allSatisfy { $0["data"]?.array?.count == 1 })
            #expect(shown[0]["data"]?.array?.first?["verification"] == ["scheme": "github"])
            #expect(shown[1]["data"]?.array?.first?["auth"] == ["type": "api_key", "header": "X-Key"])
            #expect(shown.allSatisfy { !$0.text.contains("5ec") }, "the record of a secret is nobody's business")
        }
    }
}

extension LogPosition {
    /// The stage's today, on which all of a short test happens.
    fileprivate func day(_ stage: Stage) -> CalendarDay { stage.clock.now().day }
}
