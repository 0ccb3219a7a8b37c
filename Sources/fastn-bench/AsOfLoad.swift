import Domain
import EventSourcing
import Vocabulary

/// Asks for random moments of a workflow that was saved a number of times, and takes the time of each answer.
struct AsOfLoad: Sendable {
    let store: any EventStore
    let ids: any IDSource
    /// Events of the workflow.
    let events: Int
    let reads: Int

    /// Writes the workflow, then reads; answers seconds.
    func run() async throws -> [Double] {
        let log = WorkflowLog(store: store, ids: ids)
        let address = log.address(of: ids.next())
        try await log.write(events, to: address)
        let times = try await times(of: address)
        let travel = TimeTravel(store: store)
        let clock = ContinuousClock()
        var seconds: [Double] = []
        for _ in 0..<reads {
            guard let time = times.randomElement() else { break }
            let duration = try await clock.measure {
                guard case .found = try await travel.asOf(EntityKinds.workflow, at: address, .time(time)) else { throw NothingFound() }
            }
            seconds.append(Double(duration.microseconds) / 1_000_000)
        }
        return seconds
    }

    /// When each event was recorded.
    private func times(of address: StreamAddress) async throws -> [Timestamp] {
        var times: [Timestamp] = []
        while times.count < events {
            let version = StreamVersion(Int32(times.count))
            times += try await store.read(address, after: version, limit: Limits.eventsPerPage).map(\.recordedAt)
        }
        return times
    }
}

/// An entity that was just written is not there.
struct NothingFound: Error {}
