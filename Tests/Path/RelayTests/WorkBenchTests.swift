import EventSourcing
import Testing
import Vocabulary

@testable import Relay

@Suite struct `Slots of the workers` {
    private func bench(_ slots: Int = 8, reserved: Int = 2) -> WorkBench { WorkBench(slots: slots, reservedForP1: reserved, roomPerLane: 100) }

    @Test func `a backlog of others leaves the reserved slots to P1`() {
        var bench = bench()
        _ = bench.admit((0..<50).map { job($0, lane: .p2) })
        #expect((0..<50).compactMap { _ in bench.begin() }.count == 6)
        _ = bench.admit((100..<150).map { job($0, lane: .p1) })
        #expect((0..<50).compactMap { _ in bench.begin()?.lane } == [.p1, .p1])
    }

    @Test func `P1 may use every slot`() {
        var bench = bench()
        _ = bench.admit((0..<50).map { job($0, lane: .p1) })
        #expect((0..<50).compactMap { _ in bench.begin() }.count == 8)
    }

    @Test func `a flood of one lane leaves the others their share`() {
        var bench = bench(1000, reserved: 0)
        _ = bench.admit((0..<90).map { job($0, lane: .p1) } + (100..<190).map { job($0, lane: .p4) })
        let first = (0..<45).compactMap { _ in bench.begin()?.lane }
        #expect(first.filter { $0 == .p4 }.count == 5)
    }

    @Test func `a second pointer to a stream is dropped until the first has ended`() {
        var bench = bench()
        #expect(bench.admit([job(1), job(1)]).count == 1)
        #expect(bench.begin() == job(1))
        #expect(bench.admit([job(1)]).isEmpty)
        bench.end(job(1))
        #expect(bench.admit([job(1)]).count == 1)
    }

    @Test func `no more is taken from the bus than there is room for`() {
        var bench = bench()
        _ = bench.admit((0..<60).map { job($0) })
        #expect(bench.room(.p2) == 40)
        #expect(bench.room(.p1) == 100)
        _ = bench.begin()
        #expect(bench.room(.p2) == 41)
    }
}
