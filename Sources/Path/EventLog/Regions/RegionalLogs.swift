package import EventSourcing
import Logging
package import PostgresDriver
import Synchronization
package import Vocabulary

/// The logs of all databases of an installation: that of the main region, and one for each other region.
package final class RegionalLogs: Sendable {
    /// Which database each slice names.
    package let regions: Regions
    package let logs: BySlice<EventLog>
    /// The databases of regions that did not answer when the others were prepared.
    private let late: [Region: DatabaseID]
    private let isEnding = Mutex(false)
    private let ending = Signal()

    /// The main region's, which knows the installation.
    package var main: EventLog { logs.all[0] }

    /// Brings all databases to this release, and gives regions that are new their slices.
    ///
    /// A region's database is looked at before it is given anything, so that a wrong name binds nothing. One that has customers and is away is
    /// prepared while the others serve. Throws what `EventLog.prepare` does, and `RegionError`.
    package static func prepare(main: EventLog, others: [Region: EventLog]) async throws -> RegionalLogs {
        try await main.prepare()
        guard let installation = main.installationID else { throw EventLogError.notPrepared }
        let known = try await main.assignSlices(to: [:]).databases
        var (present, late): ([Region: DatabaseID], [Region: DatabaseID]) = ([:], [:])
        for (region, log) in others {
            do {
                try await log.join(installation, database: known[region])
                present[region] = log.databaseID
            } catch let error as PostgresError where error.code == .connectionFailed {
                guard let database = known[region] else { throw RegionError.unreachable(region, "\(error)") }
                late[region] = database
            }
        }
        let map = try await main.assignSlices(to: present)
        let all = try RegionalLogs(map, main: main, others: others, late: late).checked()
        for (region, database) in present {
            guard let settled = map.databases[region] else { throw RegionError.noRoom(region) }
            // Another node may have named another one at the same moment.
            guard settled == database else { throw RegionError.otherDatabase(region) }
            do { try await others[region]?.begin(all.regions.slices(of: region)) } catch let lost as LostEvents {
                throw RegionError.lost(region, "\(lost)")
            }
        }
        for (place, log) in all.logs.all.enumerated() { log.leases.serve(all.regions.slices(at: place), among: all.regions.all) }
        return all
    }

    /// The logs as a process reads them that works beside those that own them; nothing is prepared. The pools of all must run.
    package static func open(main: EventLog, others: [Region: EventLog]) async throws -> RegionalLogs {
        let map = try RegionMap(await main.pool.query(RegionMap.sql))
        let logs = try RegionalLogs(map, main: main, others: others).checked()
        var installation: InstallationID?
        for log in logs.logs.all {
            let found = try await log.pool.query(InstallationRecord.sql).first.map(InstallationRecord.init)
            let member = Membership(
                region: log.region, installation: installation, database: map.databases[log.region], node: log.leases.node)
            try RegionError.check(found, member)
            installation = found?.id
        }
        return logs
    }

    /// One database by itself, whichever it is.
    package init(_ log: EventLog) {
        regions = Regions([:])
        logs = BySlice(log)
        late = [:]
    }

    private init(_ map: RegionMap, main: EventLog, others: [Region: EventLog], late: [Region: DatabaseID] = [:]) {
        regions = Regions(map.slices)
        logs = regions.map { others[$0] ?? main }
        self.late = late
    }

    /// Nobody's customers may be looked for in the wrong database.
    private func checked() throws(RegionError) -> RegionalLogs {
        for (place, region) in regions.all.enumerated() where region != logs.all[place].region { throw .missing(region) }
        return self
    }

    /// Serves until `stop()` or cancellation; what ends one log ends all. Throws what `EventLog.run` does, and `RegionError.missing` when
    /// another process has added a region.
    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for log in logs.all { group.addTask { try await log.run { await self.isReady(log) } } }
            var reason: (any Error)?
            while let ended = await group.nextResult() {
                // The others then commit what waits with them, and end too.
                stop()
                if case .failure(let error) = ended { reason = reason ?? error }
            }
            if let reason { throw reason }
        }
    }

    /// Waits for a database that was away when the others were prepared; false when that lasts to the end.
    private func isReady(_ log: EventLog) async -> Bool {
        guard let database = late[log.region], let installation = main.installationID else { return true }
        let pause = Duration.seconds(2)
        while !isEnding.withLock(\.self), !Task.isCancelled {
            do {
                try await log.join(installation, database: database)
                try await log.begin(regions.slices(of: log.region))
                return true
            } catch { log.logger.warning("a region's database cannot be used yet", metadata: ["error": "\(error)"]) }
            await ending.wait(atMost: pause)
        }
        return false
    }

    /// Refuses new events and deliveries; `run()` returns when those that wait are committed.
    package func stop() {
        isEnding.withLock { $0 = true }
        ending.raise()
        for log in logs.all { log.stop() }
    }
}

extension RegionalLogs {
    package var store: RegionalStore { RegionalStore(logs.map { $0.store }) }
    package var inbox: RegionalInbox { RegionalInbox(logs.map { $0.inbox }) }
    package var vault: RegionalVault { RegionalVault(logs.map { $0.vault }) }
    package var snapshots: RegionalSnapshots { RegionalSnapshots(logs.map { $0.snapshots }) }
    package var dataKeys: RegionalKeys { RegionalKeys(logs.map { $0.dataKeys }) }
    package var parcels: RegionalParcels { RegionalParcels(logs.map { $0.parcels }) }
    package var registry: RegionalRegistry { RegionalRegistry(logs.map { $0.leases }, node: main.leases.node) }
    package var readerPools: [Region: PostgresPool] { Dictionary(uniqueKeysWithValues: zip(regions.all, logs.all).map { ($0, $1.readerPool) }) }

    /// Tells `observer` of every commit of this process in any database.
    package func observe(_ observer: any LogObserver) { for log in logs.all { log.observe(observer) } }

    /// Calls `body` whenever a key of data was destroyed, here or by another process.
    package func observeKeys(_ body: @escaping @Sendable () -> Void) { for log in logs.all { log.dataKeys.observe(body) } }

    /// Calls `body` whenever this node has given slices up.
    package func onRelease(_ body: @escaping @Sendable () -> Void) { for log in logs.all { log.leases.onRelease(body) } }

    /// Looks at who owns what at once.
    package func wake() { for log in logs.all { log.leases.wake() } }

    /// Who owns what in all databases that answer; throws when none does.
    package func standing() async throws -> ClusterStanding {
        let standings = try await logs.gather { log throws(EventStoreError) in
            do { return [try await log.leases.standing()] } catch { throw EventStoreError(.unavailable) }
        }
        // A node is known to each database since it joined that one.
        let nodes = Dictionary(standings.flatMap(\.nodes).map { ($0.id, $0) }) { $0.startedAt < $1.startedAt ? $0 : $1 }
        return ClusterStanding(
            own: main.leases.node, nodes: nodes.values.sorted { $0.startedAt < $1.startedAt },
            slices: standings.flatMap(\.slices).sorted { $0.slice < $1.slice })
    }
}
