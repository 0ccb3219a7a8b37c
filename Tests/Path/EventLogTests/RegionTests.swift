import EventLog
import EventSourcing
import EventStoreConformance
import PostgresDriver
import PostgresTestKit
import Testing
import Vocabulary

@Suite struct `The databases of regions` {
    private static let eu = Region("eu") ?? .main
    private let ids = SystemIDs()

    private func log(_ configuration: EventLogConfiguration, _ region: Region = .main) -> EventLog {
        var configuration = configuration
        configuration.region = region
        var cluster = ClusterConfiguration(node: ids.next(), name: ids.next())
        // So that an overloaded machine loses no lease, and what was taken from a node is noticed soon.
        cluster.leaseDuration = .seconds(30)
        cluster.heartbeat = .milliseconds(50)
        configuration.cluster = cluster
        return EventLog(configuration: configuration, ids: ids, logger: silentLogger)
    }

    /// Runs `body` with the configuration of a main database, and with those of others beside it.
    private func withDatabases(
        _ names: [String], _ body: (EventLogConfiguration, [EventLogConfiguration]) async throws -> Void
    ) async throws {
        try await withEmptyLog { database, main in
            let owner = try BlockingPostgresConnection(configuration: database.configuration())
            let others = names.map { "\(database.name)_\($0)" }
            for other in others { _ = try owner.execute("create database \(other)") }
            try await body(main, others.map { other in
                var configuration = main
                configuration.connectionString = main.connectionString.replacing("/\(database.name)", with: "/\(other)")
                return configuration
            })
            for other in others { _ = try owner.execute("drop database \(other) with (force)") }
        }
    }

    /// Runs all logs beside `body`, which begins when they have all slices.
    private func withRunning(_ logs: RegionalLogs, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await logs.run() }
            let registry = logs.registry
            while !Slice.all.allSatisfy(registry.holds) { await Task.yield() }
            try await body()
            logs.stop()
            try await group.waitForAll()
        }
    }

    @Test func `keep the promises of one log between them`() async throws {
        try await withDatabases(["eu"]) { main, others in
            let logs = try await RegionalLogs.prepare(main: log(main), others: [Self.eu: log(others[0], Self.eu)])
            try await withRunning(logs) {
                for check in EventStoreConformance.checks {
                    do { try await check.run(on: logs.store, keys: logs.dataKeys, regions: logs.regions) } catch {
                        Issue.record("\(check): \(error)")
                    }
                }
                let heads = [try await logs.logs.all[0].store.heads(), try await logs.logs.all[1].store.heads()]
                #expect(heads[0].keys.allSatisfy { logs.regions[$0] == .main } && heads[1].keys.allSatisfy { logs.regions[$0] == Self.eu })
                #expect(heads.allSatisfy { $0.count > 3 }, "both have had something to do: \(heads.map(\.count))")
            }
        }
    }

    @Test func `divide the slices of a new installation evenly`() async throws {
        try await withDatabases(["eu", "us"]) { main, others in
            let us = try #require(Region("us"))
            let logs = try await RegionalLogs.prepare(main: log(main), others: [Self.eu: log(others[0], Self.eu), us: log(others[1], us)])
            #expect(logs.regions.all.map { logs.regions.slices(of: $0).count } == [86, 85, 85])
            let again = try await RegionalLogs.prepare(main: log(main), others: [Self.eu: log(others[0], Self.eu), us: log(others[1], us)])
            #expect(Slice.all.allSatisfy { again.regions[$0] == logs.regions[$0] })
        }
    }

    @Test func `get slices that nothing was written to, and a node that does not know of them ends`() async throws {
        try await withDatabases(["eu"]) { main, others in
            let alone = try await RegionalLogs.prepare(main: log(main), others: [:])
            let fixture = ConformanceFixture(store: alone.store)
            let known = (0..<40).map { _ in fixture.stream() }
            await #expect(throws: RegionError.missing(Self.eu)) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await alone.run() }
                    for stream in known { try await fixture.append(fixture.batch(stream, .none)) }
                    let logs = try await RegionalLogs.prepare(main: log(main), others: [Self.eu: log(others[0], Self.eu)])
                    #expect(logs.regions.slices(of: Self.eu).count == 128)
                    #expect(known.allSatisfy { logs.regions[$0.slice] == .main })
                    let moved = try #require(logs.regions.id(like: ids.next(), in: Self.eu))
                    await #expect(throws: EventStoreError.self) {
                        _ = try await alone.store.append(fixture.batch(fixture.stream(of: moved), .none))
                    }
                    try await group.waitForAll()
                }
            }
            let logs = try await RegionalLogs.prepare(main: log(main), others: [Self.eu: log(others[0], Self.eu)])
            try await withRunning(logs) {
                let store = logs.store
                for stream in known { _ = try await store.append(fixture.batch(stream, .exactly(StreamVersion(1)))) }
                let heads = try await store.heads()
                #expect(heads.keys.allSatisfy { logs.regions[$0] == .main })
            }
        }
    }

    @Test func `are added to an installation that was made before there were regions`() async throws {
        try await withDatabases(["old", "eu"]) { _, others in
            let owner = PostgresConfiguration(connectionString: others[0].connectionString)
            _ = try Migrator(configuration: owner, migrations: Array(Migration.all.prefix(2))).run()
            let logs = try await RegionalLogs.prepare(main: log(others[0]), others: [Self.eu: log(others[1], Self.eu)])
            #expect(logs.regions.slices(of: Self.eu).count == 128)
            try await withRunning(logs) {
                let fixture = ConformanceFixture(store: logs.store)
                for _ in 0..<20 { try await fixture.append(fixture.batch(fixture.stream(), .none)) }
            }
        }
    }

    @Test func `get none when every slice has events, and nothing is changed`() async throws {
        try await withDatabases(["eu"]) { main, others in
            let alone = try await RegionalLogs.prepare(main: log(main), others: [:])
            try await withRunning(alone) {
                let fixture = ConformanceFixture(store: alone.store)
                var empty = Set(Slice.all)
                while !empty.isEmpty {
                    let stream = fixture.stream()
                    if empty.remove(stream.slice) != nil { try await fixture.append(fixture.batch(stream, .none)) }
                }
            }
            await #expect(throws: RegionError.noRoom(Self.eu)) {
                try await RegionalLogs.prepare(main: log(main), others: [Self.eu: log(others[0], Self.eu)])
            }
            let after = try await RegionalLogs.prepare(main: log(main), others: [:])
            #expect(after.regions.all == [.main])
            try await withRunning(after) {
                let count = try await after.store.heads().count
                #expect(count == Slice.count)
            }
        }
    }

    @Test func `are refused when they are not what they are named for, and are given nothing`() async throws {
        try await withDatabases(["eu", "other"]) { main, others in
            _ = try await RegionalLogs.prepare(main: log(others[1]), others: [:])
            let owner = try BlockingPostgresConnection(configuration: PostgresConfiguration(connectionString: others[1].connectionString))
            _ = try owner.execute("drop function assign_slices")
            await #expect(throws: RegionError.otherInstallation(Self.eu)) {
                try await RegionalLogs.prepare(main: log(main), others: [Self.eu: log(others[1], Self.eu)])
            }
            let functions = try owner.execute("select 1 from pg_proc where proname = 'assign_slices'")
            #expect(functions.isEmpty, "it was not migrated")
            var nowhere = main
            nowhere.connectionString += "_nowhere"
            await #expect(throws: RegionError.self) {
                try await RegionalLogs.prepare(main: log(main), others: [Self.eu: log(nowhere, Self.eu)])
            }
            #expect(try await RegionalLogs.prepare(main: log(main), others: [:]).regions.all == [.main])
            let logs = try await RegionalLogs.prepare(main: log(main), others: [Self.eu: log(others[0], Self.eu)])
            #expect(logs.regions.all == [.main, Self.eu])
            let us = try #require(Region("us"))
            await #expect(throws: RegionError.otherRegion(named: us, is: Self.eu)) {
                try await RegionalLogs.prepare(main: log(main), others: [us: log(others[0], us)])
            }
            await #expect(throws: RegionError.missing(Self.eu)) { try await RegionalLogs.prepare(main: log(main), others: [:]) }
        }
    }
}
