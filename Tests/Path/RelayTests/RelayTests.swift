import EventSourcing
import PipelineTestKit
import Testing
import Vocabulary

@testable import Relay

@Suite struct `The relay` {
    let fixture = RelayFixture()

    private func isEmpty() async throws -> Bool { try await fixture.store.readyJobs(limitPerLane: 1).isEmpty }

    @Test func `jobs of every lane are done once`() async throws {
        let relay = fixture.relay(on: InMemoryEventBus())
        try await running(relay.services) {
            for number in 0..<200 { try await fixture.ask(number, lane: Lane.allCases[number % 4]) }
            #expect(try await eventually { try await isEmpty() })
        }
        #expect(Set(fixture.handler.performed.map(\.stream)).count == 200)
        #expect(fixture.handler.performed.count == 200)
    }

    @Test func `a bus that loses everything costs time only`() async throws {
        let bus = FaultyBus(InMemoryEventBus(), fault: .loses)
        let relay = fixture.relay(on: bus)
        try await running(relay.services) {
            for number in 0..<50 { try await fixture.ask(number) }
            #expect(await eventually { bus.published.contains { $0.attempt >= 2 } })
            bus.set(.none)
            #expect(try await eventually { try await isEmpty() })
        }
        #expect(Set(fixture.handler.performed.map(\.stream)).count == 50)
    }

    @Test func `a bus that refuses is tried until it takes`() async throws {
        let bus = FaultyBus(InMemoryEventBus(), fault: .refuses)
        let relay = fixture.relay(on: bus)
        try await running(relay.services) {
            try await fixture.ask(1)
            #expect(await eventually { bus.published.count >= 3 })
            bus.set(.none)
            #expect(try await eventually { try await isEmpty() })
        }
        #expect(Set(bus.published.map(\.attempt)) == [0])
    }

    @Test func `a bus that doubles everything has one effect`() async throws {
        let relay = fixture.relay(on: FaultyBus(InMemoryEventBus(), fault: .doubles))
        try await running(relay.services) {
            fixture.handler.hold()
            for number in 0..<50 { try await fixture.ask(number) }
            #expect(await eventually { fixture.handler.performed.count >= 50 })
            fixture.handler.release()
            #expect(try await eventually { try await isEmpty() })
        }
        for number in 1...50 {
            let address = StreamAddress(
                tenant: TenantID(bits: 1), stream: StreamID(bits: UInt128(number)), category: Category("test"))
            #expect(try await fixture.store.read(address, after: .none, limit: 9).map(\.form.type) == ["test.asked", "test.done"])
        }
    }

    @Test func `jobs that nobody told of are found by the sweep`() async throws {
        for number in 0..<50 { try await fixture.ask(number) }
        let relay = fixture.relay(on: InMemoryEventBus())
        let isDone = try await running(relay.services) { try await eventually { try await isEmpty() } }
        #expect(isDone)
    }

    @Test func `a relay that dies in the middle leaves its work to the next`() async throws {
        fixture.handler.hold()
        for number in 0..<100 { try await fixture.ask(number) }
        var few = LaneWorkersConfiguration()
        few.slots = 8
        few.slotsReservedForP1 = 0
        let bus = InMemoryEventBus()
        let first = fixture.relay(on: bus, workers: few)
        try await running(first.services) {
            #expect(await eventually { fixture.handler.performed.count == 8 })
            fixture.handler.release()
        }
        let second = fixture.relay(on: InMemoryEventBus())
        let isDone = try await running(second.services) { try await eventually { try await isEmpty() } }
        #expect(isDone)
        #expect(Set(fixture.handler.performed.map(\.stream)).count == 100)
    }

    @Test func `a failed job is done again`() async throws {
        fixture.handler.fail(3)
        let relay = fixture.relay(on: InMemoryEventBus())
        try await running(relay.services) {
            try await fixture.ask(1)
            #expect(try await eventually { try await isEmpty() })
        }
        #expect(fixture.handler.performed.count == 4)
    }

    @Test func `a job is not done before its time`() async throws {
        let due = fixture.ids.now() + .milliseconds(200)
        let relay = fixture.relay(on: InMemoryEventBus())
        let doneAt = try await running(relay.services) {
            try await fixture.ask(1, due: due)
            #expect(await eventually { !fixture.handler.performed.isEmpty })
            return fixture.ids.now()
        }
        #expect(doneAt >= due)
    }

    @Test func `an old pointer whose job was done is dropped`() async throws {
        let bus = InMemoryEventBus()
        let relay = fixture.relay(on: bus)
        try await running(relay.services) {
            try await bus.publish([job(7, due: .epoch)], attempt: 0)
            try await fixture.ask(1)
            #expect(try await eventually { try await isEmpty() })
            #expect(await eventually { relay.dispatcher.jobCount == 0 && relay.workers.busyCount == 0 })
        }
        #expect(fixture.handler.performed.map(\.stream) == [StreamID(bits: 2)])
    }

    @Test func `P1 is served while another lane floods`() async throws {
        var few = LaneWorkersConfiguration()
        few.slots = 4
        few.slotsReservedForP1 = 1
        fixture.handler.hold()
        let relay = fixture.relay(on: InMemoryEventBus(), workers: few)
        try await running(relay.services) {
            for number in 0..<500 { try await fixture.ask(number, lane: .p4) }
            #expect(await eventually { fixture.handler.performed.count == 3 })
            try await fixture.ask(1000, lane: .p1)
            #expect(await eventually { fixture.handler.performed.last?.lane == .p1 })
            fixture.handler.release()
            #expect(try await eventually { try await isEmpty() })
        }
    }

    @Test func `a small tenant does not wait behind a large one`() async throws {
        var fixture = fixture
        fixture.dispatcherConfiguration.creditPerLane = 8...8
        var few = LaneWorkersConfiguration()
        few.slots = 4
        few.slotsReservedForP1 = 0
        few.pointersPerLane = 4
        fixture.handler.hold()
        let relay = fixture.relay(on: InMemoryEventBus(), workers: few)
        try await running(relay.services) {
            for number in 0..<300 { try await fixture.ask(number, tenant: 1) }
            #expect(await eventually { fixture.handler.performed.count == 4 })
            for number in 300..<310 { try await fixture.ask(number, tenant: 2) }
            fixture.handler.release()
            #expect(try await eventually { try await isEmpty() })
        }
        let order = fixture.handler.performed.map(\.tenant)
        let last = try #require(order.lastIndex(of: TenantID(bits: 2)))
        #expect(last < 60, "the last of ten was number \(last) of \(order.count)")
    }

    @Test func `a stop lets what was begun end`() async throws {
        fixture.handler.hold()
        let relay = fixture.relay(on: InMemoryEventBus())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await relay.dispatcher.run() }
            try await fixture.ask(1)
            group.addTask {
                #expect(await eventually { fixture.handler.performed.count == 1 })
                relay.workers.stop()
                fixture.handler.release()
            }
            await relay.workers.run()
            #expect(try await isEmpty())
            group.cancelAll()
        }
    }

    @Test func `a wiped NATS server costs time only`() async throws {
        try await withNATS { nats in
            let relay = fixture.relay(on: NATSEventBus(connection: nats.connection, session: 1))
            try await running(relay.services) {
                for number in 0..<50 { try await fixture.ask(number) }
                #expect(try await eventually { try await isEmpty() })
                try await nats.wipe()
                for number in 50..<100 { try await fixture.ask(number) }
                #expect(try await eventually(within: .seconds(40)) { try await isEmpty() })
            }
        }
        #expect(Set(fixture.handler.performed.map(\.stream)).count == 100)
    }
}
