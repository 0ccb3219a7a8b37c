import Domain
import EventSourcing
import PostgresDriver
import Projections
import Synchronization
import Testing
import Vocabulary

@Suite struct `Following the log` {
    @Test func `two runners on the same checkpoints apply every event once`() async throws {
        try await withStage { stage in
            try await following(stage.secondProjections()) {
                let end = try await flood(stage, runs: 300)
                for position in end { try await stage.see(position) }
                try await expectCounts(stage, runs: 300)
            }
        }
    }

    @Test func `a runner that is ended at any moment goes on where it was`() async throws {
        try await withStage(isRunning: false) { stage in
            for round in 0..<12 {
                let projections = stage.secondProjections()
                try await following(projections) {
                    let end = try await flood(stage, runs: 20)
                    // Some rounds are cut while they still have work, some before they have begun.
                    if round.isMultiple(of: 3) {
                        for position in end { _ = await projections.wait(for: position, in: [.usage], timeout: .milliseconds(30)) }
                    }
                }
            }
            try await following(stage.projections) {
                for position in try await flood(stage, runs: 5) { try await stage.see(position) }
                try await expectCounts(stage, runs: 245)
            }
        }
    }

    @Test func `events of which no notice told are found by looking`() async throws {
        try await withStage { stage in
            stage.store.observer.withLock { $0 = nil }
            let (id, end) = try await stage.completeRun()
            try await stage.see(end)
            #expect(try await stage.projections.reads.execution(id, .tenant(stage.customer)) != nil)
        }
    }

    @Test(.timeLimit(.minutes(5))) func `waiting for what does not come ends in time`() async throws {
        try await withStage { stage in
            let (_, end) = try await stage.receive()
            try await stage.see(end)
            let future = LogPosition(slice: end.slice, position: end.position + 1)
            let isThere = await stage.projections.wait(for: future, in: [.catalog, .audit], timeout: .milliseconds(50))
            #expect(!isThere)
        }
    }

    @Test func `an event of an unknown type is passed over by views that are not about its kind of entity`() async throws {
        try await withStage { stage in
            try await stage.append(StoredForm("comet.sighted", [:]))
            let (_, end) = try await stage.receive()
            try await stage.see(end, .catalog, .executions, .events, .usage)
            #expect(stage.projections.status.filter { $0.name != .audit }.allSatisfy { $0.failure == nil && $0.lag == 0 })
            try await stage.eventually { try stage.status(.audit).failure?.contains("comet.sighted v1") == true }
        }
    }

    @Test func `an event of an unknown type stops strict views about its kind of entity, and parking ones put its stream aside`() async throws {
        try await withStage { stage in
            try await stage.append(StoredForm("workflow.dreamt", ["of": "sheep"]))
            let run: RunID = stage.clock.next()
            try await stage.append([RunEvent.requested(stage.request()).stored, StoredForm("run.dreamt", [:])], to: run.recast())
            let (_, end) = try await stage.receive()
            try await stage.see(end, .executions, .events)
            #expect(try stage.status(.executions).parkedCount == 1)
            #expect(try stage.status(.events).parkedCount == 0)
            for (name, type) in [(ProjectionName.catalog, "workflow.dreamt v1"), (.audit, "workflow.dreamt v1"), (.usage, "run.dreamt v1")] {
                try await stage.eventually { try stage.status(name).failure == "event \(type) is not known to this release" }
            }
        }
    }

    @Test func `an unreadable event stops its view, says so, and harms no other`() async throws {
        try await withStage { stage in
            try await stage.append(StoredForm("trigger.created", [:]))
            let (_, end) = try await stage.receive()
            try await stage.see(end, .executions, .events, .audit, .usage)
            #expect(await !stage.projections.wait(for: end, in: [.catalog], timeout: .milliseconds(50)))
            try await stage.eventually { try stage.status(.catalog).failure?.contains("trigger.created v1: member") == true }
            #expect(try stage.status(.catalog).lag == 2)
        }
    }

    @Test func `a checkpoint beyond the end of the log is reported, and repaired by a rebuild`() async throws {
        try await withStage(isRunning: false) { stage in
            let (_, end) = try await stage.receive()
            _ = try await stage.system.query(
                "insert into checkpoints (projection, version, slice, pos) select 'events', 1, s, 99 from generate_series(0, 255) as s")
            try await following(stage.projections) {
                try await stage.eventually { try stage.status(.events).failure?.contains("has read to") == true }
                try await stage.projections.rebuild(.events)
                try await stage.see(end)
            }
        }
    }

    @Test func `rows that a crash has taken from an idle view are made again`() async throws {
        var configuration = Projections.Configuration()
        configuration.recheck = .milliseconds(20)
        try await withStage(configuration: configuration) { stage in
            let (_, end) = try await stage.receive()
            try await stage.see(end)
            // As the server is after a crash: rows and checkpoints are those of a moment before, of the same commit.
            _ = try await stage.owner.queries([
                PostgresStatement("delete from received_events"), PostgresStatement("update checkpoints set pos = 0 where projection = 'events'"),
            ])
            try await stage.eventually {
                let rows = try await stage.owner.query("select count(*) from received_events")
                return try rows.first?.int8(0) == 1
            }
        }
    }

    /// Runs of two tenants with four events each, an event, and a workflow: something for every view. Answers the last position of each tenant.
    private func flood(_ stage: Stage, runs: Int) async throws -> [LogPosition] {
        var last: [TenantID: LogPosition] = [:]
        for number in 0..<runs {
            let tenant = number.isMultiple(of: 2) ? stage.customer : stage.stranger
            try await stage.receive(of: tenant)
            last[tenant] = try await stage.completeRun(of: tenant, after: .milliseconds(10)).at
        }
        return Array(last.values)
    }

    private func expectCounts(_ stage: Stage, runs: Int) async throws {
        let rows = try await stage.system.query(
            """
            select (select sum(events)::int8 from usage_daily), (select sum(executions)::int8 from usage_daily),
                (select count(*) from received_events), (select count(*) from executions where status = 'completed'),
                (select count(*) from execution_steps)
            """)
        let row = try #require(rows.first)
        for column in 0..<5 { #expect(try row.int8(column) == Int64(runs), "column \(column)") }
    }
}
