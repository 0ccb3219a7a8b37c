import Synchronization
import Testing

@testable import SandboxDriver

@Suite struct `Permits for sandboxes` {
    private final class Served: Sendable {
        let names = Mutex<[String]>([])
    }

    /// Lets callers queue one after another while no permit is free, then gives permits back and tells in which order they were served.
    private static func order(of callers: [(name: String, isUrgent: Bool)], reserved: Int = 0, releases: Int) async throws -> [String] {
        let gate = AdmissionGate(permits: 2, reservedForUrgent: reserved, maximumWaiting: 100)
        for _ in 0..<2 { try await gate.acquire(isUrgent: true) }
        let served = Served()
        await withTaskGroup(of: Void.self) { group in
            for (count, caller) in callers.enumerated() {
                group.addTask {
                    guard (try? await gate.acquire(isUrgent: caller.isUrgent)) != nil else { return }  // Closed at the end: was not served.
                    served.names.withLock { $0.append(caller.name) }
                }
                while gate.waitingCount <= count { await Task.yield() }
            }
            for number in 1...releases {
                let before = gate.waitingCount
                gate.release()
                if gate.waitingCount < before { while served.names.withLock({ $0.count }) < min(number, callers.count) { await Task.yield() } }
            }
            gate.close()
        }
        return served.names.withLock { $0 }
    }

    @Test func `somebody who waits goes first`() async throws {
        let order = try await Self.order(of: [("a", false), ("b", false), ("click", true)], releases: 3)
        #expect(order == ["click", "a", "b"])
    }

    @Test func `a flood of urgent runs leaves one permit in nine to others`() async throws {
        let flood = (1...12).map { (name: "u\($0)", isUrgent: true) }
        let order = try await Self.order(of: [("a", false)] + flood, releases: 13)
        #expect(order.firstIndex(of: "a") == 8)
    }

    @Test func `the last permit is kept for somebody who waits`() async throws {
        let order = try await Self.order(of: [("a", false)], reserved: 1, releases: 1)
        #expect(order.isEmpty)
    }
}
