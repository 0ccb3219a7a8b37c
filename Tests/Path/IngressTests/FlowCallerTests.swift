import Domain
import EventSourcing
import PipelineTestKit
import Testing
import Vocabulary

@testable import Ingress

@Suite struct `Calling a workflow by name` {
    let ids = TestIDs()
    let catalog = TestCatalog()
    let store: ObservedStore
    let runs: EntityDirectory<RunDecider>
    let caller: FlowCaller
    let tenant = TenantID(bits: 7)
    let space = SpaceID(bits: 8)

    init() {
        store = ObservedStore(InMemoryEventStore(clock: ids))
        runs = EntityDirectory(store: store, ids: ids, trail: nil)
        caller = FlowCaller(store: store, runs: runs, catalog: catalog, recent: RecentEvents(), keys: store, ids: ids)
    }

    private func call(_ name: String = "greet", _ body: String = #"{"input":{"a":1}}"#, key: String? = nil) async throws -> FlowCallOutcome {
        try await caller.call(
            FlowCall(
                tenant: tenant, space: space, name: name, principal: Principal(kind: .serviceAccount, id: "key"),
                headers: [(name: "Authorization", value: "x"), (name: "X-Trace", value: "1")], body: [UInt8](body), idempotencyKey: key))
    }

    private func started(_ outcome: FlowCallOutcome) throws -> StartedFlow {
        guard case .started(let started) = outcome else { throw Unstarted(outcome: outcome) }
        return started
    }

    private struct Unstarted: Error { let outcome: FlowCallOutcome }

    @Test(arguments: [(ExecutionTier.instant, Lane.p1), (.standard, .p2), (.long, .p2)])
    func `event and run are stored and the tier sets the lane`(_ tier: ExecutionTier, _ lane: Lane) async throws {
        catalog.put(.test(1, owner: space, slug: "greet", tier: tier))
        let started = try started(try await call())
        #expect(started.tier == tier)
        let job = try #require(try await store.job(of: started.run.recast(), in: Slice(of: tenant)))
        #expect(job.kind == .run && job.lane == lane)
        let event = try await store.read(.monthly(ReceivedEventDecider.self, started.event, in: tenant), after: .none, limit: 9)
        #expect(event.count == 1)
        #expect(event.first?.form.head["kind"] == "manual")
        #expect(event.first?.form.head["headers"] == ["x-trace": "1"])
        #expect(event.first?.form.attachment == [UInt8](#"{"input":{"a":1}}"#))
        #expect(try await store.job(of: started.event.recast(), in: Slice(of: tenant)) == nil, "a called workflow needs no route")
        guard case .present(let run) = try await runs.state(at: .monthly(RunDecider.self, started.run, in: tenant)) else {
            Issue.record("there is no run")
            return
        }
        #expect(run.request.event == started.event && run.request.triggeredBy == "manual")
    }

    @Test func `the tenant's own workflow goes before its space's`() async throws {
        catalog.put(.test(1, owner: space, slug: "greet", tier: .long))
        catalog.put(.test(2, owner: tenant, slug: "greet", tier: .instant))
        #expect(try started(try await call()).tier == .instant)
    }

    @Test func `unknown and inactive are told apart`() async throws {
        #expect(try await call() == .notFound)
        catalog.put(.test(1, owner: space, slug: "greet", isActive: false))
        #expect(try await call() == .inactive)
    }

    @Test(arguments: ["[1]", "7", "{", "{\"a\":}", String(repeating: "[", count: 70)])
    func `a body that is no object is refused`(_ body: String) async throws {
        catalog.put(.test(1, owner: space, slug: "greet"))
        guard case .invalid(let problems) = try await call("greet", body) else {
            Issue.record("it was taken")
            return
        }
        #expect(problems.count == 1)
    }

    @Test func `no body is an empty input`() async throws {
        catalog.put(.test(1, owner: space, slug: "greet"))
        _ = try started(try await call("greet", ""))
    }

    @Test func `the same key gives the same ids and one run`() async throws {
        catalog.put(.test(1, owner: space, slug: "greet"))
        let first = try started(try await call(key: "k"))
        let second = try started(try await call(key: "k"))
        #expect(first.event == second.event && first.run == second.run)
        #expect(!first.isRepeated && second.isRepeated)
        let third = try started(try await call(key: "other"))
        #expect(third.run != first.run)
    }

    @Test func `without a key every call is new`() async throws {
        catalog.put(.test(1, owner: space, slug: "greet"))
        #expect(try started(try await call()).run != started(try await call()).run)
    }

    @Test func `nothing is started for a tenant that was erased`() async throws {
        catalog.put(.test(1, owner: space, slug: "greet"))
        _ = try await store.destroy(try #require(try await store.current(nil, of: tenant)), of: tenant)
        #expect(try await call() == .erased)
        #expect(try await store.heads().isEmpty)
    }

    @Test func `an event that could not be stored is not remembered for its run`() async throws {
        let recent = RecentEvents()
        let caller = FlowCaller(store: EventlessStore(store), runs: runs, catalog: catalog, recent: recent, keys: store, ids: ids)
        catalog.put(.test(1, owner: space, slug: "greet"))
        let call = FlowCall(
            tenant: tenant, space: space, name: "greet", principal: Principal(kind: .serviceAccount, id: "key"), headers: [], body: [])
        await #expect(throws: EventStoreError.self) { try await caller.call(call) }
        let job = try #require(try await store.readyJobs(limitPerLane: 1).first)
        let address = StreamAddress.monthly(RunDecider.self, RunID(bits: job.stream.bits), in: tenant)
        guard case .present(let run) = try await runs.state(at: address) else {
            Issue.record("there is no run")
            return
        }
        #expect(recent.entry(run.request.event) == nil)
    }
}

/// A log that cannot be reached whenever a received event is to be stored.
private struct EventlessStore: ForwardingStore {
    let base: any EventStore

    init(_ store: ObservedStore) { base = store }

    func append(_ batch: AppendBatch) async throws(EventStoreError) -> AppendOutcome {
        if batch.address.category == ReceivedEventDecider.category { throw EventStoreError(.unavailable) }
        return try await base.append(batch)
    }
}
