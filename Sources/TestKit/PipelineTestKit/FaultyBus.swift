package import EventSourcing
import Synchronization
package import Vocabulary

/// A bus that loses or doubles pointers, or does not answer.
package final class FaultyBus: EventBus {
    /// What goes wrong with every publication.
    package enum Fault: Sendable {
        case none
        /// Says that it has the pointers and forgets them.
        case loses
        case doubles
        case refuses
    }

    private let bus: any EventBus
    private let fault: Mutex<Fault>
    private let log = Mutex<[(job: Job, attempt: Int)]>([])

    package init(_ bus: any EventBus, fault: Fault) {
        self.bus = bus
        self.fault = Mutex(fault)
    }

    package func set(_ fault: Fault) { self.fault.withLock { $0 = fault } }

    /// Everything that was published, lost or not.
    package var published: [(job: Job, attempt: Int)] { log.withLock { $0 } }

    package func publish(_ jobs: [Job], attempt: Int) async throws(EventBusError) {
        log.withLock { log in log += jobs.map { ($0, attempt) } }
        switch fault.withLock({ $0 }) {
        case .none: try await bus.publish(jobs, attempt: attempt)
        case .loses: return
        case .doubles: try await bus.publish(jobs + jobs, attempt: attempt)
        case .refuses: throw .unavailable("switched off")
        }
    }

    package func receive(_ lane: Lane, limit: Int) async throws(EventBusError) -> [Job] { try await bus.receive(lane, limit: limit) }
}
