package import Vocabulary

/// Tells workers that there is work; it carries pointers, and whatever it loses is found again in the log's database.
package protocol EventBus: Sendable {
    /// Hands pointers to the bus; returns when it has them. `attempt` tells re-sends of one pointer apart.
    func publish(_ jobs: [Job], attempt: Int) async throws(EventBusError)

    /// The next pointers of a lane, waiting for at least one; at most `limit`. Taken means gone: the database decides what is done.
    func receive(_ lane: Lane, limit: Int) async throws(EventBusError) -> [Job]
}

/// The bus did not answer; the work stays in the database and is published again.
package enum EventBusError: Error, Hashable, Sendable, CustomStringConvertible {
    case unavailable(String)
    case closed

    package var description: String {
        switch self {
        case .unavailable(let reason): "the bus does not answer (\(reason)); work waits in the database and is published again"
        case .closed: "the bus was closed"
        }
    }
}

extension Job {
    /// The pointer as it travels: `stream,tenant,kind,lane,due`.
    package var pointer: String { "\(stream),\(tenant),\(kind.rawValue),\(lane.rawValue),\(due.microseconds)" }

    package init?(pointer: String) {
        let parts = pointer.split(separator: ",")
        guard parts.count == 5, let stream = StreamID(parts[0]), let tenant = TenantID(parts[1]), let kind = WorkKind(rawValue: String(parts[2])),
            let lane = Int16(parts[3]).flatMap(Lane.init(rawValue:)), let due = Int64(parts[4])
        else { return nil }
        self.init(stream: stream, kind: kind, lane: lane, tenant: tenant, due: Timestamp(microseconds: due))
    }
}
