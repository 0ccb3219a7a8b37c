package import EventSourcing
import Vocabulary

/// What every implementation of `EventBus` must hold, one case a promise; run each on a bus of its own.
package enum EventBusPromise: String, CaseIterable, Sendable {
    case pointersArriveUnchanged = "pointers arrive as they were published"
    case lanesAreSeparate = "a lane receives its own pointers alone"
    case limitsAreKept = "no more than the limit is received at once, and the rest comes later"
    case receiversWait = "a receiver waits for the first pointer"
    case receiversShare = "several receivers of a lane share its pointers"
    case attemptsAreSeparate = "a pointer published again with a higher attempt arrives again"
    case largeBatchesArrive = "a batch of two thousand arrives whole"
    case cancellationEnds = "a cancelled receiver ends with an error"

    /// Throws `BrokenPromise` when the bus does not hold it.
    package func check(_ bus: any EventBus) async throws {
        switch self {
        case .pointersArriveUnchanged: try await checkPointers(bus)
        case .lanesAreSeparate: try await checkLanes(bus)
        case .limitsAreKept: try await checkLimits(bus)
        case .receiversWait: try await checkWaiting(bus)
        case .receiversShare: try await checkSharing(bus)
        case .attemptsAreSeparate: try await checkAttempts(bus)
        case .largeBatchesArrive: try await checkLargeBatches(bus)
        case .cancellationEnds: try await checkCancellation(bus)
        }
    }

    private func require(_ condition: Bool, _ seen: @autoclosure () -> String) throws(BrokenPromise) {
        guard condition else { throw BrokenPromise(promise: self, seen: seen()) }
    }
}

/// A promise that a bus did not hold, and what was seen instead.
package struct BrokenPromise: Error, CustomStringConvertible {
    package let promise: EventBusPromise
    package let seen: String
    package var description: String { "\(promise.rawValue): \(seen)" }
}

extension EventBusPromise {
    private func jobs(_ count: Int, lane: Lane = .p2) -> [Job] {
        (1...count).map { number in
            Job(
                stream: StreamID(bits: UInt128(number)), kind: number.isMultiple(of: 2) ? .run : .route, lane: lane,
                tenant: TenantID(bits: UInt128(number % 3 + 1)), due: Timestamp(microseconds: Int64(number)))
        }
    }

    /// Receives until `count` pointers came.
    private func receive(_ count: Int, from bus: any EventBus, lane: Lane = .p2, limit: Int = 500) async throws -> [Job] {
        var received: [Job] = []
        while received.count < count { received += try await bus.receive(lane, limit: limit) }
        return received
    }

    private func checkPointers(_ bus: any EventBus) async throws {
        let sent = jobs(5)
        try await bus.publish(sent, attempt: 0)
        let received = try await receive(5, from: bus)
        try require(Set(received) == Set(sent), "\(received)")
    }

    private func checkLanes(_ bus: any EventBus) async throws {
        for lane in Lane.allCases { try await bus.publish(jobs(3, lane: lane), attempt: 0) }
        for lane in Lane.allCases.reversed() {
            let received = try await receive(3, from: bus, lane: lane)
            try require(received.count == 3 && received.allSatisfy { $0.lane == lane }, "\(received)")
        }
    }

    private func checkLimits(_ bus: any EventBus) async throws {
        let sent = jobs(10)
        try await bus.publish(sent, attempt: 0)
        var received: [Job] = []
        while received.count < 10 {
            let page = try await bus.receive(.p2, limit: 4)
            try require((1...4).contains(page.count), "\(page.count) at once")
            received += page
        }
        try require(Set(received) == Set(sent), "\(received)")
    }

    private func checkWaiting(_ bus: any EventBus) async throws {
        let sent = jobs(1)
        async let received = receive(1, from: bus)
        await Task.yield()
        try await bus.publish(sent, attempt: 0)
        let pointers = try await received
        try require(pointers == sent, "\(pointers)")
    }

    private func checkSharing(_ bus: any EventBus) async throws {
        let sent = jobs(40)
        let received = try await withThrowingTaskGroup(of: [Job].self) { group in
            for _ in 0..<4 { group.addTask { try await self.receive(1, from: bus, limit: 1) } }
            try await bus.publish(Array(sent.prefix(4)), attempt: 0)
            return try await group.reduce(into: []) { $0 += $1 }
        }
        try await bus.publish(Array(sent.dropFirst(4)), attempt: 0)
        let rest = try await receive(36, from: bus)
        try require(Set(received + rest) == Set(sent) && received.count + rest.count == 40, "\(received.count) and \(rest.count)")
    }

    private func checkAttempts(_ bus: any EventBus) async throws {
        let sent = jobs(1)
        for attempt in 0..<3 {
            try await bus.publish(sent, attempt: attempt)
            let received = try await receive(1, from: bus)
            try require(received == sent, "attempt \(attempt): \(received)")
        }
    }

    private func checkLargeBatches(_ bus: any EventBus) async throws {
        let sent = jobs(2000)
        try await bus.publish(sent, attempt: 0)
        let received = try await receive(2000, from: bus)
        try require(Set(received) == Set(sent), "\(Set(received).count) different of \(received.count)")
    }

    private func checkCancellation(_ bus: any EventBus) async throws {
        let isEnded = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                do { return try await bus.receive(.p4, limit: 1).isEmpty } catch { return true }
            }
            await Task.yield()
            group.cancelAll()
            return await group.next() ?? false
        }
        try require(isEnded, "it received a pointer")
    }
}
