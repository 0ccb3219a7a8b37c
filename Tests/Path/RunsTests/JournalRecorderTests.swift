import Domain
import EventSourcing
import Synchronization
import Testing
import Vocabulary

@testable import Runs

@Suite struct `Writing a journal` {
    let tenant = TenantID(bits: 7)
    let run = RunID(bits: 8)

    static func completed(_ index: Int, bytes: Int = 1) -> RunEvent {
        .callCompleted(
            RunCall(index: index, operation: "state.set", input: "{}"),
            CallResult(outcome: .value([UInt8](repeating: 0x31, count: bytes)), startedAt: .epoch, duration: .zero, deliveredAt: .epoch))
    }

    /// A recorder for a run that has begun, in a log that takes as many more appends.
    private func recorder(_ store: BrittleStore) async throws -> JournalRecorder {
        let request = RunRequest(
            space: tenant, workflow: WorkflowID(bits: 2), slug: "test", version: 1, artefact: "", tier: .standard, timeout: .seconds(1),
            retry: RetryPolicy(), environment: .production, event: EventID(bits: 3), trigger: nil, triggeredBy: "manual")
        let directory = EntityDirectory<RunDecider>(store: store, ids: store.ids, trail: nil)
        let address = StreamAddress.monthly(RunDecider.self, run, in: tenant)
        let envelope = JournalEnvelope(correlation: CorrelationID(bits: 1), causation: 1, lane: .p2, environment: .production)
        _ = try await directory.send(.request(request), to: address, envelope.command(store.ids.next(), stateWrites: []))
        return JournalRecorder(directory: directory, address: address, envelope: envelope, run: Run(request: request), linesToSkip: 0)
    }

    @Test func `a value is in the log with the entry that tells of it`() async throws {
        let store = BrittleStore(appends: 2)
        var recorder = try await recorder(store)
        let scope = StateScopeID(bits: 5)
        recorder.add(Self.completed(0), with: StateWrite(scope: scope, key: "early", value: [0x31]))
        for index in 1...Limits.eventsPerBatch { recorder.add(Self.completed(index)) }
        recorder.add(Self.completed(Limits.eventsPerBatch + 1), with: StateWrite(scope: scope, key: "late", value: [0x32]))
        await #expect(throws: EventStoreError.self) { try await recorder.commit(store.ids) }
        #expect(store.written == ["early"])
        #expect(recorder.overlay.value(scope: scope, key: "early") == nil)
        #expect(recorder.overlay.value(scope: scope, key: "late") != nil, "what is not in the log is still to be read")
    }

    @Test func `large entries are appended apart`() async throws {
        let store = BrittleStore(appends: 10)
        var recorder = try await recorder(store)
        for index in 0..<3 { recorder.add(Self.completed(index, bytes: Limits.journalBytesPerBatch / 2 - 100)) }
        recorder.add(Self.completed(3, bytes: 2 * Limits.journalBytesPerBatch))
        try await recorder.commit(store.ids)
        #expect(store.batches == [1, 2, 1, 1])
        #expect(recorder.isEmpty)
    }
}

/// The log in memory, out of reach after some appends.
final class BrittleStore: ForwardingStore {
    let ids = ClosureIDSource(clock: RunHarness.systemTime, random: { UInt128.random(in: .min ... .max) })
    let base: any EventStore
    private let appends: Int
    private let taken = Mutex<[AppendBatch]>([])

    init(appends: Int) {
        base = InMemoryEventStore(clock: ids)
        self.appends = appends
    }

    /// The numbers of events in the batches that were taken.
    var batches: [Int] { taken.withLock { $0.map(\.events.count) } }
    /// The keys of state that was written.
    var written: [String] { taken.withLock { $0.flatMap(\.stateWrites).map(\.key) } }

    func append(_ batch: AppendBatch) async throws(EventStoreError) -> AppendOutcome {
        guard taken.withLock({ $0.count < appends }) else { throw EventStoreError(.unavailable) }
        let outcome = try await base.append(batch)
        taken.withLock { $0.append(batch) }
        return outcome
    }
}
