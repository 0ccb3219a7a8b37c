import Domain
import EventSourcing
import Glibc
import PostgresDriver
import Projections
import Synchronization
import Testing
import Vocabulary

/// Three processes keep the views of a log that grows, while everything that may fail does: reads of the log, connections to the database, the
/// processes themselves; and views are rebuilt meanwhile.
@Suite struct `Views under chaos` {
    private static let seeds = (0..<(getenv("FASTN_LONG_TESTS") == nil ? 3 : 40)).map { _ in UInt64.random(in: .min ... .max) }
    private static let processes = 3
    private static let steps = 400

    @Test(arguments: seeds) func `apply each event exactly once, whatever fails and ends meanwhile`(seed: UInt64) async throws {
        try await withStage(isRunning: false) { stage in
            let chance = Chance(seed: seed)
            let end = try await withThrowingTaskGroup(of: Void.self) { group in
                let cuts = (0..<Self.processes).map { _ in Signal() }
                let isOver = Switch()
                for cut in cuts { group.addTask { await keepViews(stage, cut: cut, until: isOver) } }
                stage.store.readFault.withLock { $0 = { chance.isOne(in: 20) } }
                let end = try await happen(stage, chance, cuts, &group)
                stage.store.readFault.withLock { $0 = nil }
                isOver.turn()
                for cut in cuts { cut.raise() }
                try await group.waitForAll()
                return end
            }
            try await following(stage.projections) {
                for position in end.positions.values { try await stage.see(position) }
                #expect(try await stage.projections.parkedStreams().isEmpty)
                try await expect(end, stage)
                let rows = try await stage.dump()
                for name in ProjectionName.allCases { try await stage.projections.rebuild(name) }
                #expect(try await stage.difference(from: rows).isEmpty, "seed \(seed): the views differ from what the log says")
            }
        }
    }

    /// What has happened: where each tenant's last event is, and how much there is of what views count.
    private struct Happened {
        var positions: [Slice: LogPosition] = [:]
        var events: Int64 = 0
        var attempts: Int64 = 0
        var steps: Int64 = 0
    }

    /// Random events of random entities, and between them what may go wrong.
    private func happen(
        _ stage: Stage, _ chance: Chance, _ cuts: [Signal], _ group: inout ThrowingTaskGroup<Void, any Error>
    ) async throws -> Happened {
        var happened = Happened()
        for _ in 0..<Self.steps {
            let tenant = chance.pick([stage.customer, stage.stranger, stage.space])
            let position: LogPosition
            if chance.isOne(in: 3) {
                position = try await stage.receive(of: tenant).at
                happened.events += 1
            } else {
                position = try await stage.completeRun(of: tenant, after: .milliseconds(1)).at
                happened.attempts += 1
                happened.steps += 1
            }
            happened.positions[position.slice] = position
            if chance.isOne(in: 12) { chance.pick(cuts).raise() }
            if chance.isOne(in: 8) { try await cutConnection(stage, chance) }
            if chance.isOne(in: 40) {
                let name = chance.pick(ProjectionName.allCases)
                // It may meet another rebuild, or be cut as everything else is: then a later one continues it.
                group.addTask { do { try await stage.secondProjections().rebuild(name) } catch {} }
            }
        }
        return happened
    }

    /// Ends the backend of one of the connections, in the middle of whatever it does.
    private func cutConnection(_ stage: Stage, _ chance: Chance) async throws {
        _ = try await stage.owner.query(
            """
            select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() order by md5(pid::text || $1) limit 1
            """, [.text("\(chance.number())")])
    }

    /// A process that follows the log, is killed, and starts anew.
    private func keepViews(_ stage: Stage, cut: Signal, until isOver: Switch) async {
        while !isOver.isOn {
            let projections = stage.secondProjections()
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await projections.run() }
                await cut.wait()
                group.cancelAll()
            }
        }
    }

    private func expect(_ happened: Happened, _ stage: Stage) async throws {
        let rows = try await stage.system.query(
            """
            select (select sum(events)::int8 from usage_daily), (select sum(executions)::int8 from usage_daily),
                (select count(*) from received_events), (select count(*) from executions where status = 'completed'),
                (select count(*) from execution_steps)
            """)
        let row = try #require(rows.first)
        let expected = [happened.events, happened.attempts, happened.events, happened.attempts, happened.steps]
        for (column, count) in expected.enumerated() { #expect(try row.int8(column) == count, "column \(column)") }
    }
}

/// Random decisions that a seed repeats, as far as the order in which tasks ask for them does.
private final class Chance: Sendable {
    private let generator: Mutex<SplitMix64>

    init(seed: UInt64) { generator = Mutex(SplitMix64(seed: seed)) }

    func number() -> UInt64 { generator.withLock { $0.next() } }
    func isOne(in count: UInt64) -> Bool { number() % count == 0 }
    func pick<Element>(_ elements: [Element]) -> Element { elements[Int(number() % UInt64(elements.count))] }
}

/// Off, then on.
private final class Switch: Sendable {
    private let state = Mutex(false)

    var isOn: Bool { state.withLock { $0 } }
    func turn() { state.withLock { $0 = true } }
}
