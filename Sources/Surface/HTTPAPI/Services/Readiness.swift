import Projections
package import Vocabulary

/// Whether what stands behind the server works.
package struct Readiness: Hashable, Sendable, CustomStringConvertible {
    /// The log and the views.
    package enum Database: String, Sendable {
        case ok
        case unreachable
        /// Events of next month could not be stored.
        case noPartition = "no partition for next month"
    }

    /// What tells workers of work.
    package enum Bus: String, Sendable {
        case ok
        case unreachable
    }

    package let database: Database
    package let bus: Bus
    /// The databases of further regions.
    package let regions: [Region: Database]

    package init(database: Database, bus: Bus, regions: [Region: Database] = [:]) {
        self.database = database
        self.bus = bus
        self.regions = regions
    }

    /// Without its bus a server is slower and does everything, so that it must go on being sent requests; and a region that is away takes the
    /// customers of no other with it.
    var isReady: Bool { database == .ok }

    package var description: String {
        (["database: \(database.rawValue)", "nats: \(bus.rawValue)"] + sorted.map { "\($0): \($1.rawValue)" }).joined(separator: ", ")
    }

    private var sorted: [(key: Region, value: Database)] { regions.sorted { $0.key < $1.key } }

    /// `unwell` are the views that stand still.
    func json(without unwell: [ProjectionStatus]) -> JSONValue {
        let isWhole = unwell.isEmpty && regions.values.allSatisfy { $0 == .ok }
        return [
            "status": isWhole ? "ok" : "degraded", "database": .string(database.rawValue), "nats": .string(bus.rawValue),
            "regions": .array(sorted.map { ["name": .string($0.name), "database": .string($1.rawValue)] }),
            "projections": .array(unwell.map { ["name": .string($0.name.rawValue), "state": .string($0.state.rawValue)] }),
        ]
    }
}
