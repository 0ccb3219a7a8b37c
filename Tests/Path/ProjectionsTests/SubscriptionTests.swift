import Domain
import EventSourcing
import Projections
import Synchronization
import Testing
import Vocabulary

@Suite struct `A subscription to the log` {
    private static let writers = 8
    private static let batches = 125
    private static let batchSize = 10

    @Test(arguments: 0...4)
    func `that begins while 10,000 events are appended gets each of them once, in order`(quarter: Int) async throws {
        try await withStage(isRunning: false) { stage in
            let total = Self.writers * Self.batches * Self.batchSize
            let written = EventCount()
            try await following(stage.projections) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for writer in 0..<Self.writers { group.addTask { try await write(writer, stage, written) } }
                    group.addTask {
                        // Begins before, in and after the appends.
                        while written.value < total * quarter / 4 { await Task.yield() }
                        var next: [Slice: Int64] = [:]
                        var count = 0
                        for try await batch in stage.projections.subscribe() {
                            #expect(batch.count <= 1000)
                            for event in batch {
                                #expect(event.position.position == next[event.position.slice, default: 0] + 1)
                                next[event.position.slice] = event.position.position
                            }
                            count += batch.count
                            if count >= total { break }
                        }
                        #expect(count == total)
                    }
                    try await group.waitForAll()
                }
            }
            #expect(try await stage.store.heads().values.reduce(0, +) == Int64(total))
        }
    }

    @Test func `goes on where another one has ended`() async throws {
        try await withStage { stage in
            for _ in 0..<20 { try await stage.receive() }
            try await stage.completeRun(of: stage.stranger)
            var seen: [Slice: Int64] = [:]
            var count = 0
            // Each reads one batch and is thrown away; each of them was at the log's end once before the next is written.
            for round in 0..<20 {
                for try await batch in stage.projections.subscribe(from: .after(seen), follows: false) {
                    for event in batch { seen[event.position.slice] = event.position.position }
                    count += batch.count
                }
                #expect(count == 20 + 4 + round)
                try await stage.receive()
            }
        }
    }

    @Test func `to one tenant's log has nobody else's events`() async throws {
        try await withStage { stage in
            for _ in 0..<5 {
                try await stage.receive()
                try await stage.receive(of: stage.stranger)
            }
            var events: [RecordedEvent] = []
            for try await batch in stage.projections.subscribe(to: .tenant(stage.customer), follows: false) { events += batch }
            #expect(events.count == 5 && events.allSatisfy { $0.address.tenant == stage.customer })
        }
    }

    @Test func `from a time has what was recorded then or later`() async throws {
        try await withStage { stage in
            for _ in 0..<9 {
                try await stage.receive()
                try await stage.receive(of: stage.stranger)
                stage.clock.advance(by: .seconds(1))
            }
            var all: [RecordedEvent] = []
            for try await batch in stage.projections.subscribe(follows: false) { all += batch }
            #expect(all.count == 18)
            for time in Set(all.map(\.recordedAt)).flatMap({ [$0, $0 + .microseconds(1), $0 + .seconds(-1)] }) {
                var found: [EventID] = []
                for try await batch in stage.projections.subscribe(from: .time(time), follows: false) { found += batch.map(\.id) }
                #expect(Set(found) == Set(all.filter { $0.recordedAt >= time }.map(\.id)))
            }
        }
    }

    @Test func `that nothing comes to says so in time`() async throws {
        try await withStage { stage in
            var iterator = stage.projections.subscribe().makeAsyncIterator()
            #expect(try await iterator.next(within: .milliseconds(20))?.isEmpty == true)
            try await stage.receive()
            #expect(try await iterator.next(within: .seconds(20))?.count == 1)
        }
    }

    @Test func `ends when its task is cancelled`() async throws {
        try await withStage { stage in
            await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    do {
                        for try await _ in stage.projections.subscribe() {}
                        return false
                    } catch { return error is CancellationError }
                }
                group.cancelAll()
                #expect(await group.next() == true)
            }
        }
    }

    private func write(_ writer: Int, _ stage: Stage, _ written: EventCount) async throws {
        let forms = [StoredForm](repeating: RunEvent.cancelled.stored, count: Self.batchSize)
        for number in 0..<Self.batches {
            // Two tenants in each stream's slice, and three slices.
            try await stage.append(forms, of: TenantID(bits: UInt128(0xc1 + (writer + number) % 3)))
            written.add(forms.count)
        }
    }
}

/// Events that were appended so far.
private final class EventCount: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }
    func add(_ more: Int) { count.withLock { $0 += more } }
}
