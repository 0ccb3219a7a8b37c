import Projections
import Vocabulary

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

    package init(database: Database, bus: Bus) {
        self.database = database
        self.bus = bus
    }

    /// Without its bus a server is slower and does everything, so that it must go on being sent requests.
    var isReady: Bool { database == .ok }

    package var description: String { "database: \(database.rawValue), nats: \(bus.rawValue)" }

    /// `unwell` are the views that stand still.
    func json(without unwell: [ProjectionStatus]) -> JSONValue {
        [
            "status": unwell.isEmpty ? "ok" : "degraded", "database": .string(database.rawValue), "nats": .string(bus.rawValue),
            "projections": .array(unwell.map { ["name": .string($0.name.rawValue), "state": .string($0.state.rawValue)] }),
        ]
    }
}
