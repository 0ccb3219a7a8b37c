/// A priority class of work; P1 is served before P4 at every queue, and none is starved.
package enum Lane: Int16, Sendable, CaseIterable, Comparable {
    /// Somebody waits for the answer.
    case p1 = 1
    /// An event arrived.
    case p2 = 2
    /// Schedules, backfill, dead-letter replay.
    case p3 = 3
    /// Polling, retroactive reading, rebuild traffic.
    case p4 = 4

    package static func < (left: Lane, right: Lane) -> Bool { left.rawValue < right.rawValue }

    /// The lane's name as users see it, `P1` to `P4`.
    package var name: String { "P\(rawValue)" }

    /// The lane's share of what no lane has reserved, 8 : 4 : 2 : 1.
    package var weight: Int { 1 << (4 - Int(rawValue)) }
}
