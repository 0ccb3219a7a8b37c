package import EventSourcing
package import PostgresDriver
package import Vocabulary

/// The logs of all databases of an installation: that of the main region, and one for each other region.
package struct RegionalLogs: Sendable {
    /// Which database each slice names.
    package let regions: Regions
    package let logs: BySlice<EventLog>

    /// The main region's, which knows the installation.
    package var main: EventLog { logs.all[0] }

    /// Brings all databases to this release, and gives regions that are new their slices.
    ///
    /// A region's database is looked at before it is given anything, so that a wrong name binds nothing. Throws what `EventLog.prepare` does,
    /// and `RegionError`.
    package static func prepare(main: EventLog, others: [Region: EventLog]) async throws -> RegionalLogs {
        try await main.prepare()
        guard let installation = main.installationID else { throw EventLogError.notPrepared }
        for (region, log) in others {
            do { try await log.join(installation) } catch let error as PostgresError where error.code == .connectionFailed {
                throw RegionError.unreachable(region, "\(error)")
            }
        }
        let all = RegionalLogs(try await main.assignSlices(to: others.keys.sorted()), main: main, others: others)
        for (region, log) in others {
            let slices = all.regions.slices(of: region)
            if slices.isEmpty { throw RegionError.noRoom(region) }
            try await log.prepare(slices: slices)
        }
        main.leases.serve(all.regions.slices(of: .main))
        return try all.checked()
    }

    /// The logs as a process reads them that works beside those that own them; nothing is prepared. `main`'s pool must run.
    package static func open(main: EventLog, others: [Region: EventLog]) async throws -> RegionalLogs {
        try RegionalLogs(SliceRegions.decode(await main.pool.query(SliceRegions.sql)), main: main, others: others).checked()
    }

    /// One database by itself, whichever it is.
    package init(_ log: EventLog) {
        regions = Regions([:])
        logs = BySlice(log)
    }

    private init(_ named: [Slice: Region], main: EventLog, others: [Region: EventLog]) {
        regions = Regions(named)
        logs = regions.map { others[$0] ?? main }
    }

    /// Nobody's customers may be looked for in the wrong database.
    private func checked() throws(RegionError) -> RegionalLogs {
        for (place, region) in regions.all.enumerated() where region != logs.all[place].region { throw .missing(region) }
        return self
    }
}

extension RegionalLogs {
    package var store: RegionalStore { RegionalStore(logs.map { $0.store }) }
    package var inbox: RegionalInbox { RegionalInbox(logs.map { $0.inbox }) }
    package var vault: RegionalVault { RegionalVault(logs.map { $0.vault }) }
    package var snapshots: RegionalSnapshots { RegionalSnapshots(logs.map { $0.snapshots }) }
    package var dataKeys: RegionalKeys { RegionalKeys(logs.map { $0.dataKeys }) }
    package var readerPools: [Region: PostgresPool] { Dictionary(uniqueKeysWithValues: zip(regions.all, logs.all).map { ($0, $1.readerPool) }) }
    package var registry: RegionalRegistry { RegionalRegistry(logs.map { $0.leases }, node: main.leases.node) }

    /// Tells `observer` of every commit of this process in any database.
    package func observe(_ observer: any LogObserver) { for log in logs.all { log.observe(observer) } }

    /// Calls `body` whenever a key of data was destroyed, here or by another process.
    package func observeKeys(_ body: @escaping @Sendable () -> Void) { for log in logs.all { log.dataKeys.observe(body) } }

    /// Calls `body` whenever this node has given slices up.
    package func onRelease(_ body: @escaping @Sendable () -> Void) { for log in logs.all { log.leases.onRelease(body) } }

    /// Looks at who owns what at once.
    package func wake() { for log in logs.all { log.leases.wake() } }

    /// Who owns what in all databases; throws when one of them does not answer.
    package func standing() async throws -> ClusterStanding {
        var (nodes, slices): ([ClusterNode], [SliceStanding]) = ([], [])
        for log in logs.all {
            let standing = try await log.leases.standing()
            nodes += standing.nodes.filter { node in !nodes.contains { $0.id == node.id } }
            slices += standing.slices
        }
        return ClusterStanding(own: main.leases.node, nodes: nodes, slices: slices.sorted { $0.slice < $1.slice })
    }

    /// Serves until `stop()` or cancellation; what ends one log ends all. Throws what `EventLog.run` does.
    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for log in logs.all { group.addTask { try await log.run() } }
            var reason: (any Error)?
            while let ended = await group.nextResult() {
                // The others then commit what waits with them, and end too.
                stop()
                if case .failure(let error) = ended { reason = reason ?? error }
            }
            if let reason { throw reason }
        }
    }

    /// Refuses new events and deliveries; `run()` returns when those that wait are committed.
    package func stop() { for log in logs.all { log.stop() } }
}
