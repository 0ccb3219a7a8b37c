import CommandLineTool
import Cryptography
import EventLog
import EventSourcing
import PostgresDriver
import Vocabulary

/// Folds every entity from its first event and compares: `fastn verify --state`.
struct StateVerification {
    /// Entities that are asked for at once: their digests come in one answer, and few commits lie between it and the reading.
    private static let pageSize = 50

    /// A database that is looked at by itself; nil for all those of the server.
    let databaseURL: String?
    /// The data folder of the server that is asked; nil for the one that the environment names.
    let dataFolder: String?
    /// Entities a second; nil for as many as the machine does.
    let rate: Int?
    let isFollowing: Bool
    let output: OutputOptions

    /// Ends when all is seen, or with `ExitStatus.failed` at the first difference.
    func run() async throws {
        try await LogBesideServer.with(databaseURL: databaseURL, dataFolder: dataFolder) { logs in
            try await LiveStates.with(dataFolder: dataFolder) { server in
                let check = Self.check(logs, server)
                repeat { try await pass(check, logs, hasServer: server != nil) } while isFollowing
            }
        }
    }

    private static func check(_ logs: RegionalLogs, _ server: LiveStates?) -> StateCheck {
        StateCheck(
            store: logs.store, snapshots: logs.snapshots, kinds: StateKind.all,
            live: { addresses in
                try await server?.entries(addresses).mapValues { StateCheck.Live(version: $0.version, digest: Hex.decode($0.digest) ?? []) } ?? [:]
            },
            liveState: { address in
                guard let entry = try await server?.entries([address], withState: true)[address.stream],
                    let body = entry.state.flatMap({ Base64.decode($0, .url) })
                else { return nil }
                return LiveState(version: entry.version, body: body)
            })
    }

    /// Goes through all entities once.
    private func pass(_ check: StateCheck, _ logs: RegionalLogs, hasServer: Bool) async throws {
        let clock = ContinuousClock()
        let begun = clock.now
        var report = StateReport()
        for log in logs.logs.all {
            var streams = StreamList(log.store)
            while report.difference == nil {
                let page = try await streams.next(min(Self.pageSize, rate ?? Self.pageSize))
                if page.isEmpty { break }
                try await check.check(page, report: &report)
                if let rate { try await clock.sleep(until: begun + .seconds(Double(report.entities) / Double(rate))) }
            }
        }
        output.show(report.json(hasServer: hasServer)) { report.text(hasServer: hasServer) }
        if report.difference != nil { throw ExitStatus.failed }
    }
}

extension StateReport {
    fileprivate func text(hasServer: Bool) -> String {
        if let difference { return "\(Style.red.on(.output, "different")): \(difference)\n" }
        let memory = hasServer ? "\(live) compared with the server's memory" : "no server runs to compare with"
        return "\(Style.green.on(.output, "equal")): \(entities) entities of \(events) events; \(snapshots) compared with snapshots, \(memory)\n"
    }

    fileprivate func json(hasServer: Bool) -> JSONValue {
        [
            "equal": .bool(difference == nil), "entities": .int(entities), "events": .int(events), "snapshots": .int(snapshots),
            "live": hasServer ? .int(live) : .null, "difference": difference?.json ?? .null,
        ]
    }
}

extension StateDifference {
    fileprivate var json: JSONValue {
        [
            "kind": .string(address.category.name), "id": .id(address.stream), "tenantId": .id(address.tenant), "version": .int(version.number),
            "source": .string(source.rawValue), "field": .optional(field),
        ]
    }
}
