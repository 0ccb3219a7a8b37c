import EventSourcing
import Testing
import Vocabulary

@testable import Relay

@Suite struct `Giving out ready jobs` {
    @Test func `lanes under load share eight to four to two to one`() {
        var list = ReadyList(capacityPerLane: 1000)
        for lane in Lane.allCases { for number in 0..<300 { _ = list.push(job(number, lane: lane)) } }
        let taken = (0..<150).compactMap { _ in list.pop(where: { _ in true })?.lane }
        let shares = Dictionary(grouping: taken, by: \.self).mapValues(\.count)
        #expect(shares == [.p1: 80, .p2: 40, .p3: 20, .p4: 10])
    }

    @Test func `an idle lane leaves its share to the others`() {
        var list = ReadyList(capacityPerLane: 1000)
        for number in 0..<10 { _ = list.push(job(number, lane: .p4)) }
        #expect((0..<10).compactMap { _ in list.pop(where: { _ in true }) }.count == 10)
    }

    @Test func `a lane that may not send is passed over`() {
        var list = ReadyList(capacityPerLane: 10)
        _ = list.push(job(1, lane: .p1))
        _ = list.push(job(2, lane: .p3))
        #expect(list.pop(where: { $0 != .p1 })?.lane == .p3)
        #expect(list.pop(where: { $0 != .p1 }) == nil)
    }

    @Test func `a small tenant is served while a large one floods`() {
        var queues = TenantQueues(capacity: 10_000)
        for number in 0..<5000 { _ = queues.push(job(number, tenant: 1)) }
        for number in 5000..<5010 { _ = queues.push(job(number, tenant: 2)) }
        let first = (0..<40).compactMap { _ in queues.pop()?.tenant }
        #expect(first.filter { $0 == TenantID(bits: 2) }.count == 10)
    }

    @Test func `tenants share by cost and not by number`() {
        var queues = TenantQueues(capacity: 10_000)
        for number in 0..<500 { _ = queues.push(job(number, tenant: 1, kind: .run)) }
        for number in 500..<1000 { _ = queues.push(job(number, tenant: 2, kind: .route)) }
        let first = (0..<90).compactMap { _ in queues.pop()?.kind }
        #expect(first.filter { $0 == .run }.count == 10)
    }

    @Test func `jobs of one tenant leave in the order they came`() {
        var queues = TenantQueues(capacity: 100)
        for number in 0..<50 { _ = queues.push(job(number)) }
        #expect((0..<50).compactMap { _ in queues.pop() } == (0..<50).map { job($0) })
    }

    @Test func `a full list makes the longest queue pay`() throws {
        var queues = TenantQueues(capacity: 10)
        for number in 0..<10 { _ = queues.push(job(number, tenant: 1)) }
        #expect(queues.push(job(10, tenant: 1)) == job(10, tenant: 1))
        #expect(queues.push(job(11, tenant: 2)) == job(9, tenant: 1))
        #expect(queues.count == 10)
        #expect((0..<10).compactMap { _ in queues.pop() }.contains(job(11, tenant: 2)))
    }

    @Test func `nobody is lost when tenants come and go`() {
        var queues = TenantQueues(capacity: 10_000)
        var generator = SystemRandomNumberGenerator()
        var inside = 0
        for number in 0..<5000 {
            if Bool.random(using: &generator) {
                _ = queues.push(job(number, tenant: Int.random(in: 1...7), kind: .random(using: &generator)))
                inside += 1
            } else if queues.pop() != nil {
                inside -= 1
            }
        }
        var left = 0
        while queues.pop() != nil { left += 1 }
        #expect(left == inside && queues.count == 0)
    }
}

@Suite struct `Credit and timers` {
    @Test func `credit follows what the workers begin`() {
        var credit = LaneCredit(bounds: 64...4096)
        let start = Timestamp(milliseconds: 1000)
        for number in 0...2000 { credit.began(at: start + .microseconds(number * 500)) }
        #expect((2900...3100).contains(credit.limit))
        credit.began(at: start + .seconds(10))
        #expect(credit.limit == 64)
    }

    @Test func `credit that is out is used up`() {
        var credit = LaneCredit(bounds: 2...2)
        credit.take()
        #expect(!credit.isExhausted)
        credit.take()
        #expect(credit.isExhausted)
        credit.giveBack()
        #expect(!credit.isExhausted)
    }

    @Test func `timers come out by their time`() {
        var heap = TimerHeap()
        let times = (0..<200).map { Int64($0) }.shuffled()
        for time in times { heap.push(.init(at: Timestamp(microseconds: time), stream: StreamID(bits: UInt128(time)))) }
        var popped: [Int64] = []
        while let timer = heap.pop(until: Timestamp(microseconds: 149)) { popped.append(timer.at.microseconds) }
        #expect(popped == Array(0..<150))
        #expect(heap.count == 50)
    }

    @Test(arguments: [(1, 500), (2, 1000), (4, 4000), (8, 30_000), (100_000, 30_000)])
    func `pauses double up to a bound`(failures: Int, milliseconds: Int64) {
        let pause = DoublingPause(first: .milliseconds(500), longest: .seconds(30))
        #expect(pause.length(after: failures) == .milliseconds(milliseconds))
    }
}

func job(_ number: Int, tenant: Int = 1, lane: Lane = .p2, kind: WorkKind = .route, due: Timestamp = .epoch) -> Job {
    Job(stream: StreamID(bits: UInt128(number + 1)), kind: kind, lane: lane, tenant: TenantID(bits: UInt128(tenant)), due: due)
}

extension WorkKind {
    fileprivate static func random(using generator: inout SystemRandomNumberGenerator) -> WorkKind {
        Bool.random(using: &generator) ? .route : .run
    }
}
