import LocalServers
import Testing

@testable import NATSDriver

@Suite struct `A NATS stream` {
    @Test func `a published message is pulled and acknowledged`() async throws {
        try await Bus.with { bus in
            try await bus.connection.ensureStream(Bus.stream)
            let pull = try await bus.connection.pull(Bus.consumer(ackWait: .milliseconds(200)))
            let outcome = try await bus.connection.publishToStream(Array("one".utf8), subject: "work.p1.a", messageID: "1")
            #expect(outcome == .stored(sequence: 1))
            let messages = try await pull.next(max: 10)
            #expect(messages.texts == ["one"])
            #expect(messages[0].subject == "work.p1.a")
            #expect(messages[0].deliveries == 1)
            messages[0].ack()
            _ = try await bus.connection.publishToStream(Array("two".utf8), subject: "work.p1.a", messageID: "2")
            #expect(try await pull.next(max: 10).texts == ["two"])
        }
    }

    @Test func `a message without acknowledgement comes again`() async throws {
        try await Bus.with { bus in
            try await bus.connection.ensureStream(Bus.stream)
            let pull = try await bus.connection.pull(Bus.consumer(ackWait: .milliseconds(100)))
            _ = try await bus.connection.publishToStream([7], subject: "work.x", messageID: "1")
            #expect(try await pull.next(max: 1).map(\.deliveries) == [1])
            #expect(try await pull.next(max: 1).map(\.deliveries) == [2])
        }
    }

    @Test func `a refused message comes again after its delay`() async throws {
        try await Bus.with { bus in
            try await bus.connection.ensureStream(Bus.stream)
            let pull = try await bus.connection.pull(Bus.consumer())
            _ = try await bus.connection.publishToStream([7], subject: "work.x", messageID: "1")
            let refused = ContinuousClock.now
            try await pull.next(max: 1)[0].nak(delay: .milliseconds(150))
            #expect(try await pull.next(max: 1).map(\.deliveries) == [2])
            #expect(ContinuousClock.now - refused >= .milliseconds(150))
        }
    }

    @Test func `a terminated message never comes again`() async throws {
        try await Bus.with { bus in
            try await bus.connection.ensureStream(Bus.stream)
            let pull = try await bus.connection.pull(Bus.consumer(ackWait: .milliseconds(50)))
            _ = try await bus.connection.publishToStream([1], subject: "work.x", messageID: "1")
            try await pull.next(max: 1)[0].term()
            _ = try await bus.connection.publishToStream([2], subject: "work.x", messageID: "2")
            let second = try await pull.next(max: 1)
            #expect(second.map(\.payload) == [[2]])
            // The second comes a second time before the first would have, had it not been terminated.
            #expect(try await pull.next(max: 2).map(\.payload) == [[2]])
        }
    }

    @Test func `a second message with the same id is a duplicate`() async throws {
        try await Bus.with { bus in
            try await bus.connection.ensureStream(Bus.stream)
            _ = try await bus.connection.publishToStream([1], subject: "work.x", messageID: "same")
            #expect(try await bus.connection.publishToStream([1], subject: "work.x", messageID: "same") == .duplicate)
        }
    }

    @Test func `a publish that no stream takes is missing`() async throws {
        try await Bus.with { bus in
            await #expect(throws: NATSError(.missing, during: PublishWindow.operation)) {
                try await bus.connection.publishToStream([1], subject: "nowhere", messageID: "1")
            }
            await #expect { try await bus.connection.pull(Bus.consumer()) } throws: { ($0 as? NATSError)?.code == .missing }
        }
    }

    @Test func `a stream can be ensured again with other limits`() async throws {
        try await Bus.with { bus in
            try await bus.connection.ensureStream(Bus.stream)
            try await bus.connection.ensureStream(Bus.stream)
            var changed = Bus.stream
            changed.subjects = ["work.>", "more.>"]
            try await bus.connection.ensureStream(changed)
            #expect(try await bus.connection.publishToStream([1], subject: "more.x", messageID: "1") == .stored(sequence: 1))
        }
    }

    @Test func `many publishes in flight are all answered`() async throws {
        try await Bus.with { bus in
            try await bus.connection.ensureStream(Bus.stream)
            let pull = try await bus.connection.pull(Bus.consumer(maxAckPending: 5000))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<2000 {
                    group.addTask {
                        _ = try await bus.connection.publishToStream(Array("\(number)".utf8), subject: "work.x", messageID: "\(number)")
                    }
                }
                try await group.waitForAll()
            }
            var seen: Set<String> = []
            while seen.count < 2000 {
                let messages = try await pull.next(max: 100)
                #expect(messages.count <= 100)
                seen.formUnion(messages.texts)
                messages.forEach { $0.ack() }
            }
        }
    }

    @Test func `the window bounds what is in flight`() async throws {
        try await Bus.with(window: 4) { bus in
            try await bus.connection.ensureStream(Bus.stream)
            await bus.server.stop()
            for number in 0..<4 {
                try bus.connection.publishToStream([1], subject: "work.x", messageID: "\(number)") { _ in }
            }
            #expect(throws: NATSError(.busy, during: PublishWindow.operation)) {
                try bus.connection.publishToStream([1], subject: "work.x", messageID: "5") { _ in }
            }
        }
    }

    @Test func `a publish without an answer times out and frees its place`() async throws {
        try await Bus.with(publishTimeout: .milliseconds(200), window: 1) { bus in
            try await bus.connection.ensureStream(Bus.stream)
            await bus.server.stop()
            for _ in 0..<2 {
                await #expect(throws: NATSError(.timedOut, during: PublishWindow.operation)) {
                    try await bus.connection.publishToStream([1], subject: "work.x", messageID: "1")
                }
            }
        }
    }

    @Test func `a message over the limit is refused`() async throws {
        try await Bus.with { bus in
            try await bus.connection.ensureStream(Bus.stream)
            await #expect(throws: NATSError(.tooLarge, during: PublishWindow.operation)) {
                try await bus.connection.publishToStream([UInt8](repeating: 1, count: 1_100_000), subject: "work.x", messageID: "1")
            }
        }
    }
}
