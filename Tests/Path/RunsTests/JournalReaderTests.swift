import Domain
import Testing
import Vocabulary

@testable import Runs

@Suite struct `Answering from a journal` {
    static func call(_ index: Int) -> RunCall { RunCall(index: index, operation: "state.get", input: "{\"key\":\"\(index)\"}") }

    static func result(_ index: Int) -> CallResult {
        CallResult(outcome: .value(Array("\(index)".utf8)), startedAt: .epoch, duration: .zero, deliveredAt: .epoch)
    }

    /// A reader of a journal with these completions, in this order.
    static func reader(_ deliveries: [Int], divergesFrom: Int? = nil) throws -> JournalReader {
        let request = RunRequest(
            space: TenantID(bits: 1), workflow: WorkflowID(bits: 2), slug: "test", version: 1, artefact: "", tier: .standard, timeout: .seconds(1),
            retry: RetryPolicy(), environment: .production, event: EventID(bits: 3), trigger: nil, triggeredBy: "manual")
        let events = [RunEvent.requested(request)] + deliveries.map { .callCompleted(call($0), result($0)) }
        guard case .present(var run) = events.reduce(RunState.absent, RunDecider.evolve) else { throw EntityRejection.unknown(RunDecider.category) }
        run.divergesFrom = divergesFrom
        return JournalReader(run)
    }

    static func delivery(_ index: Int) -> JournalReader.Turn { .deliver(index, result(index)) }

    @Test func `outcomes come in the order in which the code learned of them`() throws {
        var reader = try Self.reader([2, 0, 1])
        for index in 0..<3 { #expect(reader.meet(Self.call(index)) == .recorded) }
        #expect([reader.next(), reader.next(), reader.next()] == [Self.delivery(2), Self.delivery(0), Self.delivery(1)])
        #expect(reader.next() == .live)
    }

    @Test func `a recorded call that the code does not make is missed`() throws {
        var reader = try Self.reader([0, 1])
        #expect(reader.meet(Self.call(1)) == .recorded)
        #expect(reader.next() == .missing(Self.call(0)))
    }

    @Test func `behind a call that failed an outcome waits until the code makes its call`() throws {
        var reader = try Self.reader([1, 2, 3], divergesFrom: 0)
        #expect(reader.meet(Self.call(0)) == .live)
        #expect(reader.next() == .live)
        for index in [3, 1] { #expect(reader.meet(Self.call(index)) == .recorded) }
        #expect([reader.next(), reader.next(), reader.next()] == [Self.delivery(1), Self.delivery(3), .live])
        #expect(reader.meet(Self.call(2)) == .recorded)
        #expect([reader.next(), reader.next()] == [Self.delivery(2), .live])
    }

    @Test func `behind a call that failed another call under a recorded index is made`() throws {
        var reader = try Self.reader([1], divergesFrom: 0)
        #expect(reader.meet(Self.call(0)) == .live)
        #expect(reader.next() == .live)
        #expect(reader.meet(RunCall(index: 1, operation: "state.get", input: "{\"key\":\"other\"}")) == .live)
        #expect(reader.next() == .live)
    }
}
