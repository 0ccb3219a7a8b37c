import Domain
import EventSourcing
import PostgresDriver
import Projections
import Testing
import Vocabulary

@Suite struct `How a view stands` {
    @Test func `is healthy while nothing happens, because its loop goes round all the same`() async throws {
        try await withStage { stage in
            try await stage.see(try await stage.receive().at)
            for name in ProjectionName.allCases {
                let before = try stage.status(name)
                #expect(before.state == .following && before.lag == 0)
                #expect(try await stage.projections.oldestUnprocessed(of: name) == nil)
                // A heartbeat that is younger than it was is one more round.
                var oldest = before.sinceHeartbeat
                try await stage.eventually {
                    let age = try stage.status(name).sinceHeartbeat
                    defer { oldest = max(oldest, age) }
                    return age < oldest
                }
            }
        }
    }

    @Test func `is stuck when its loop has ended, although nothing lags`() async throws {
        var configuration = Projections.Configuration()
        configuration.heartbeatLimit = .milliseconds(20)
        try await withStage(isRunning: false, configuration: configuration) { stage in
            try await following(stage.projections) { try await stage.see(try await stage.receive().at) }
            try await stage.eventually { stage.projections.status.allSatisfy { $0.state == .stuck && !$0.state.isHealthy } }
            #expect(stage.projections.status.allSatisfy { $0.lag == 0 && $0.failure == nil })
        }
    }

    @Test func `tells how many events it lags and since when the oldest waits`() async throws {
        try await withStage { stage in
            // The catalog has a row of it, so that its place is noted.
            try await stage.see(try await stage.makeCustomer())
            let poison = try await stage.append(StoredForm("trigger.created", [:]))
            stage.clock.advance(by: .seconds(60))
            let (_, end) = try await stage.receive()
            try await stage.see(end, .events)
            try await stage.eventually { try stage.status(.catalog).state == .stopped }
            #expect(try stage.status(.catalog).lag == 2)
            let stored = try await stage.store.read(poison.slice, after: poison.position - 1, limit: 1)
            #expect(try await stage.projections.oldestUnprocessed(of: .catalog) == stored.first?.recordedAt)
            #expect(try await stage.projections.oldestUnprocessed(of: .events) == nil)
        }
    }

    @Test func `is waited for by its checkpoints where another process keeps it`() async throws {
        try await withStage(isRunning: false) { stage in
            try await following(stage.secondProjections()) {
                for _ in 0..<5 {
                    // Nothing of it is in the catalog, the audit log or the executions, and they are waited for all the same.
                    let (_, end) = try await stage.receive()
                    #expect(await stage.projections.wait(for: end, in: ProjectionName.allCases, timeout: .seconds(20)))
                }
            }
        }
    }
}
