import Domain
import EventSourcing
import PostgresDriver
import Projections
import Testing
import Vocabulary

@Suite struct `Rebuilding a view` {
    @Test(arguments: ProjectionName.allCases) func `gives the same rows`(_ name: ProjectionName) async throws {
        try await withStage { stage in
            try await stage.see(try await story(stage))
            let before = try await stage.dump()
            #expect(before.count == 14 && before.values.allSatisfy { !$0.hasPrefix("0 ") }, "no view may be empty")
            try await stage.projections.rebuild(name)
            #expect(try await stage.difference(from: before).isEmpty)
            #expect(try await stage.system.query("select from pg_namespace where nspname like 'rebuild%'").isEmpty)

            // The new tables are followed, under the same rights.
            let (id, end) = try await stage.completeRun()
            try await stage.see(end)
            #expect(try await stage.projections.reads.execution(id, .tenant(stage.customer)) != nil)
            #expect(try await stage.projections.reads.execution(id, .tenant(stage.stranger)) == nil)
        }
    }

    @Test func `goes on while events arrive and readers read, and nobody sees the view go back`() async throws {
        try await withStage { stage in
            try await stage.see(try await story(stage))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for _ in 0..<150 {
                        let (id, end) = try await stage.completeRun(after: .milliseconds(1))
                        try await stage.see(end, .executions, .usage)
                        #expect(try await stage.projections.reads.execution(id, .tenant(stage.customer))?.execution.status == .completed)
                    }
                }
                group.addTask { for _ in 0..<5 { try await stage.projections.rebuild(.executions) } }
                group.addTask { for _ in 0..<5 { try await stage.projections.rebuild(.usage) } }
                try await group.waitForAll()
            }
            try await stage.see(try await stage.receive().at)
            let live = try await stage.dump()
            for name in ProjectionName.allCases { try await stage.projections.rebuild(name) }
            #expect(try await stage.difference(from: live).isEmpty)
        }
    }

    @Test func `that was cut short is continued`() async throws {
        try await withStage { stage in
            let end = try await story(stage)
            try await stage.see(end)
            let before = try await stage.dump()
            // What a process leaves that died in the middle: some rows beside the live ones, and the checkpoint that they were written with.
            _ = try await stage.system.query("select begin_rebuild('audit', 1)")
            for sql in [
                "insert into rebuild_audit.audit_log select * from audit_log where slice = $1 and pos <= 20",
                "insert into rebuild_audit.audit_tenants select * from audit_tenants where $1 >= 0",
                "update checkpoints set pos = 20 where projection = 'audit.rebuild' and slice = $1",
            ] { _ = try await stage.system.query(sql, [.int2(end.slice.number)]) }
            try await stage.projections.rebuild(.audit)
            #expect(try await stage.difference(from: before).isEmpty)
            await withTaskGroup(of: Void.self) { group in
                // What it throws when it is cut is not the question.
                group.addTask { do { try await stage.projections.rebuild(.audit) } catch {} }
                group.cancelAll()
            }
            try await stage.projections.rebuild(.audit)
            #expect(try await stage.difference(from: before).isEmpty)
        }
    }

    @Test func `of an older version happens by itself`() async throws {
        try await withStage(isRunning: false) { stage in
            let end = try await story(stage)
            _ = try await stage.system.query(
                "insert into checkpoints (projection, version, slice, pos) select 'usage', 0, s, 0 from generate_series(0, 255) as s")
            try await following(stage.projections) {
                try await stage.see(end)
                #expect(try await stage.system.query("select from checkpoints where projection = 'usage' and version = 0").isEmpty)
            }
        }
    }

    private func story(_ stage: Stage) async throws -> LogPosition {
        let key = IssuedKey(id: APIKeyID(bits: 9), name: "ci", kind: .test, digest: "d9")
        try await stage.give(SpaceDecider.self, .create(name: "Demo"), to: stage.space, of: stage.space)
        try await stage.give(SpaceDecider.self, .issueKey(key), to: stage.space, of: stage.space)
        try await stage.publish("early")
        try await stage.makeCustomer()
        let (workflow, _) = try await stage.publish("late")
        try await stage.give(WorkflowDecider.self, .disable, to: workflow)
        let specification = TriggerSpecification(
            space: stage.space, name: "hook", environment: .production, scheme: "none", secret: nil,
            routes: [TriggerRoute(workflow: workflow, filter: ["body": ["a": 1]])])
        try await stage.give(TriggerDecider.self, .create(specification), to: TriggerID(bits: 7))
        let profile = ConnectionProfile(tenant: stage.customer, name: "crm", connector: "http", auth: .bearer, allowedHosts: [])
        try await stage.give(ConnectionDecider.self, .create(profile, secret: nil), to: ConnectionID(bits: 8))
        try await stage.give(KeyringDecider.self, .write(name: "token", secret: SecretID(bits: 1)), to: stage.customer.keyring)
        for _ in 0..<30 {
            try await stage.receive()
            try await stage.completeRun()
        }
        let open: RunID = stage.clock.next()
        try await stage.give(RunDecider.self, .request(stage.request()), to: open)
        let lines: RunEvent = .logged([LogLine(level: "log", text: "hi", at: stage.clock.now())])
        // The customer's last event, and the customer's slice has all but the space's own.
        return try await stage.give(RunDecider.self, .record([stage.attempt(1), lines]), to: open)
    }
}
