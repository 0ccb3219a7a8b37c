import Domain
import EventSourcing
import PostgresDriver
import Projections
import Testing
import Vocabulary

@Suite struct `An event that cannot be applied` {
    /// An event of a run as a later release would store it.
    private let poison = StoredForm("run.started", schema: 9, [:])

    @Test func `puts its stream aside in a parking view, which goes on with all others`() async throws {
        try await withStage { stage in
            let run: RunID = stage.clock.next()
            let asked = try await stage.give(RunDecider.self, .request(stage.request()), to: run)
            let poisoned = try await stage.append([poison, RunEvent.cancelled.stored], to: run.recast())
            let (other, end) = try await stage.completeRun()
            try await stage.see(end, .executions)

            let reads = stage.projections.reads
            #expect(try await reads.execution(other, .tenant(stage.customer))?.execution.status == .completed)
            #expect(try await reads.execution(run, .tenant(stage.customer))?.execution.status == .pending, "later events wait behind the first")
            let parked = try #require(try await stage.projections.parkedStreams().first)
            #expect(parked.projection == .executions && parked.stream == run.recast() && parked.tenant == stage.customer)
            #expect(parked.position.position == asked.position + 1 && poisoned.position == asked.position + 2)
            #expect(parked.version == StreamVersion(2) && parked.type == "run.started" && parked.reason.contains("run.started v9"))
            #expect(try stage.status(.executions).parkedCount == 1)
            #expect(try stage.status(.executions).state == .following)
        }
    }

    @Test func `stops a strict view, and one that is configured to be strict`() async throws {
        var configuration = Projections.Configuration()
        configuration.parkingViews = []
        try await withStage(configuration: configuration) { stage in
            try await stage.append(poison)
            let (_, end) = try await stage.receive()
            try await stage.see(end, .catalog, .events)
            for name in [ProjectionName.executions, .usage, .audit] {
                try await stage.eventually { try stage.status(name).state == .stopped }
                #expect(try stage.status(name).failure?.contains("run.started v9") == true)
                #expect(try stage.status(name).lag == 2)
            }
            #expect(try await stage.projections.parkedStreams().isEmpty)
        }
    }

    @Test func `that comes again is passed over by a runner that begins anew`() async throws {
        try await withStage(isRunning: false) { stage in
            let run: RunID = stage.clock.next()
            try await stage.append([RunEvent.requested(stage.request()).stored, poison], to: run.recast())
            for _ in 0..<3 {
                let projections = stage.secondProjections()
                try await following(projections) {
                    try await stage.append(RunEvent.cancelled.stored, to: run.recast())
                    let (_, end) = try await stage.receive()
                    #expect(await projections.wait(for: end, in: [.executions], timeout: .seconds(20)))
                }
                #expect(try await projections.parkedStreams().map(\.version) == [StreamVersion(2)])
                #expect(try await projections.reads.execution(run, .tenant(stage.customer))?.execution.status == .pending)
            }
        }
    }

    @Test func `is applied with all that waits behind it when its stream is taken back`() async throws {
        try await withStage { stage in
            try await refuseSlugs(stage)
            let (bad, good) = try await (stage.completeRun(stage.request(slug: "bad")).id, stage.completeRun().id)
            let (_, end) = try await stage.completeRun(stage.request(slug: "bad"))
            try await stage.see(end, .executions)
            let reads = stage.projections.reads
            #expect(try await reads.execution(good, .tenant(stage.customer)) != nil)
            #expect(try await reads.execution(bad, .tenant(stage.customer)) == nil)
            let still = try await stage.projections.unpark(.executions)
            #expect(still.returned.isEmpty && still.refused.count == 2)
            #expect(still.refused.allSatisfy { $0.reason.contains("23514") })

            try await allowSlugs(stage)
            // Another process than the one that follows the log.
            let report = try await stage.secondProjections().unpark(.executions)
            #expect(report.returned.count == 2 && report.refused.isEmpty)
            let found = try #require(try await reads.execution(bad, .tenant(stage.customer)))
            #expect(found.execution.status == .completed && found.steps.count == 1)
            // The runner that knew them as parked follows them again.
            try await stage.append(RunEvent.logged([LogLine(level: "log", text: "later", at: stage.clock.now())]).stored, to: bad.recast())
            try await stage.see(try await stage.receive().at, .executions)
            #expect(try await reads.execution(bad, .tenant(stage.customer))?.logs.count == 1)
            #expect(try stage.status(.executions).parkedCount == 0)
        }
    }

    @Test func `ends a rebuild, which takes parked streams in once it can be applied`() async throws {
        try await withStage { stage in
            try await refuseSlugs(stage)
            let (bad, end) = try await stage.completeRun(stage.request(slug: "bad"))
            try await stage.see(end, .executions)
            // The new tables are made without the test's rule, so that the poison is one of the log.
            let unreadable = try await stage.append(poison)
            try await stage.see(unreadable, .executions)
            await #expect(throws: StoredFormError(poison)) { try await stage.projections.rebuild(.executions) }
            #expect(try await stage.projections.parkedStreams().count == 2)
            #expect(try await stage.projections.reads.execution(bad, .tenant(stage.customer)) == nil)
        }
        try await withStage { stage in
            try await refuseSlugs(stage)
            let (bad, end) = try await stage.completeRun(stage.request(slug: "bad"))
            try await stage.see(end, .executions)
            try await stage.projections.rebuild(.executions)
            #expect(try await stage.projections.parkedStreams().isEmpty)
            #expect(try await stage.projections.reads.execution(bad, .tenant(stage.customer))?.execution.status == .completed)
            try await stage.append(RunEvent.logged([LogLine(level: "log", text: "later", at: stage.clock.now())]).stored, to: bad.recast())
            try await stage.see(try await stage.receive().at, .executions)
            #expect(try await stage.projections.reads.execution(bad, .tenant(stage.customer))?.logs.count == 1)
        }
    }

    @Test func `is taken back while its stream grows, and nothing is lost or doubled`() async throws {
        try await withStage { stage in
            try await refuseSlugs(stage)
            let (bad, end) = try await stage.completeRun(stage.request(slug: "bad"))
            try await stage.see(end, .executions)
            try await allowSlugs(stage)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for number in 0..<300 {
                        let line = LogLine(level: "log", text: "\(number)", at: stage.clock.now())
                        try await stage.append(RunEvent.logged([line]).stored, to: bad.recast())
                    }
                }
                group.addTask { _ = try await stage.secondProjections().unpark(.executions) }
                try await group.waitForAll()
            }
            try await stage.see(try await stage.receive().at, .executions)
            let lines = try await stage.projections.reads.execution(bad, .tenant(stage.customer))?.logs.map(\.text)
            #expect(lines == (0..<300).map { "\($0)" })
        }
    }

    /// Lets the database refuse every execution of a workflow named `bad`.
    private func refuseSlugs(_ stage: Stage) async throws {
        _ = try await stage.owner.query("alter table executions add constraint no_bad_slug check (slug <> 'bad')")
    }

    private func allowSlugs(_ stage: Stage) async throws {
        _ = try await stage.owner.query("alter table executions drop constraint no_bad_slug")
    }
}
