import EventSourcing
import Logging
import PipelineTestKit
import Synchronization
import Vocabulary

@testable import Relay

/// A log in memory with jobs in it, and workers that finish them.
struct RelayFixture: Sendable {
    let ids = ClosureIDSource.real
    let store: ObservedStore
    let handler: FinishingHandler
    var dispatcherConfiguration: DispatcherConfiguration = {
        var configuration = DispatcherConfiguration()
        configuration.sweepInterval = .milliseconds(20)
        configuration.republishAfter = .milliseconds(50)
        configuration.retryAfter = .milliseconds(10)
        configuration.busPause = .milliseconds(10)
        return configuration
    }()

    init() {
        store = ObservedStore(InMemoryEventStore(clock: ids))
        handler = FinishingHandler(store: store, ids: ids)
    }

    /// Appends the first event of a stream and asks for work with it.
    func ask(_ number: Int, tenant: Int = 1, lane: Lane = .p2, due: Timestamp? = nil) async throws {
        let envelope = CommandEnvelope(commandID: ids.next(), principal: .system("test"), correlation: ids.next(), lane: lane)
        var batch = AppendBatch(
            address: StreamAddress(
                tenant: TenantID(bits: UInt128(tenant)), stream: StreamID(bits: UInt128(number + 1)), category: Category("test")),
            expected: .none, events: [NewEvent(id: ids.next(), form: StoredForm("test.asked", [:]), meta: EventMeta(envelope))])
        batch.work = .asks(.route, lane, due: due)
        _ = try await store.append(batch)
    }

    /// A dispatcher and workers on `bus`; they know nothing of earlier ones.
    func relay(
        on bus: any EventBus, workers: LaneWorkersConfiguration = .init()
    ) -> (dispatcher: Dispatcher, workers: LaneWorkers, services: [@Sendable () async -> Void]) {
        let quiet = Logger(label: "relay-tests") { _ in SwiftLogNoOpLogHandler() }
        let dispatcher = Dispatcher(queue: store, bus: bus, clock: ids, configuration: dispatcherConfiguration, logger: quiet)
        let workers = LaneWorkers(
            bus: bus, queue: store, dispatcher: dispatcher, handlers: [.route: handler], clock: ids, configuration: workers, logger: quiet)
        store.observe([dispatcher])
        return (dispatcher, workers, [{ await dispatcher.run() }, { await workers.run() }])
    }
}

/// Finishes a job by the event that is its outcome, and counts.
final class FinishingHandler: WorkHandler {
    struct Failure: Error {}

    private struct State {
        var performed: [Job] = []
        var failures = 0
        var isHolding = false
        var held: [CheckedContinuation<Void, Never>] = []
    }

    private let store: any EventStore
    private let ids: any IDSource
    private let state = Mutex(State())

    init(store: any EventStore, ids: any IDSource) {
        self.store = store
        self.ids = ids
    }

    /// Jobs in the order in which they were begun.
    var performed: [Job] { state.withLock { $0.performed } }

    /// The next `count` jobs fail.
    func fail(_ count: Int) { state.withLock { $0.failures = count } }

    /// Jobs begun from now on wait for `release`.
    func hold() { state.withLock { $0.isHolding = true } }

    func release() {
        let held = state.withLock { state in
            state.isHolding = false
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    func perform(_ job: Job) async throws {
        let mustFail = state.withLock { state in
            state.performed.append(job)
            state.failures -= 1
            return state.failures >= 0
        }
        if mustFail { throw Failure() }
        await waitWhileHeld()
        let envelope = CommandEnvelope(commandID: ids.next(), principal: .system("test"), correlation: ids.next(), lane: job.lane)
        var batch = AppendBatch(
            address: StreamAddress(tenant: job.tenant, stream: job.stream, category: Category("test")), expected: .exactly(StreamVersion(1)),
            events: [NewEvent(id: ids.next(), form: StoredForm("test.done", [:]), meta: EventMeta(envelope))])
        batch.work = .done
        _ = try await store.append(batch)
    }

    private func waitWhileHeld() async {
        await withCheckedContinuation { continuation in
            let isHeld = state.withLock { state in
                if state.isHolding { state.held.append(continuation) }
                return state.isHolding
            }
            if !isHeld { continuation.resume() }
        }
    }
}
