import LocalServers
import Testing

@testable import NATSDriver

@Suite struct `A NATS connection` {
    @Test func `a wildcard subscription gets what is published`() async throws {
        try await Bus.with { bus in
            let subscription = try await bus.connection.subscribe(to: "feed.>")
            try bus.connection.publish([1, 2], to: "feed.a.b")
            let messages = try await subscription.next()
            #expect(messages.map(\.payload) == [[1, 2]])
            #expect(messages.map(\.subject) == ["feed.a.b"])
        }
    }

    @Test func `a slow subscriber loses messages and memory stays bounded`() async throws {
        try await Bus.with { bus in
            let subscription = try await bus.connection.subscribe(to: "feed.>", capacity: 3)
            let other = try await bus.connection.subscribe(to: "end")
            for number in 0..<10 { try bus.connection.publish([UInt8(number)], to: "feed.x") }
            try bus.connection.publish([], to: "end")
            _ = try await other.next()
            // Each subscription has its own thread in the library, so the count may trail the other subscription's message.
            #expect(await eventually { subscription.dropped == 7 })
            #expect(try await subscription.next().count == 3)
        }
    }

    @Test func `connecting without a server fails with one line`() async throws {
        try await Bus.with { bus in
            await bus.server.stop()
            let connection = try NATSConnection(configuration: .init(url: bus.endpoint.url, name: "late"), logger: Bus.quiet)
            await #expect(throws: NATSError(.notConnected, during: "connecting")) { try await connection.connect() }
            await connection.close()
        }
    }

    @Test func `a server that lost its store is filled again over the same connection`() async throws {
        try await Bus.with(publishTimeout: .seconds(1)) { bus in
            try await bus.connection.ensureStream(Bus.stream)
            let pull = try await bus.connection.pull(Bus.consumer())
            _ = try await bus.connection.publishToStream([1], subject: "work.x", messageID: "1")
            #expect(try await pull.next(max: 5).map(\.payload) == [[1]])
            async let afterwards = pull.next(max: 5)
            let replacement = try await bus.replaceServerAndWipeStore()
            #expect(await eventually { bus.connection.isConnected })
            await #expect(throws: NATSError(.missing, during: PublishWindow.operation)) {
                try await bus.connection.publishToStream([2], subject: "work.x", messageID: "1")
            }
            try await bus.connection.ensureStream(Bus.stream)
            _ = try await bus.connection.publishToStream([2], subject: "work.x", messageID: "1")
            #expect(try await afterwards.map(\.payload) == [[2]])
            await replacement.stop()
        }
    }

    @Test func `a blocked reader fetches nothing`() async throws {
        try await Bus.with { bus in
            try await bus.connection.ensureStream(Bus.stream)
            let pull = try await bus.connection.pull(Bus.consumer(ackWait: .seconds(30), maxAckPending: 1000))
            for number in 0..<50 {
                _ = try await bus.connection.publishToStream([UInt8(number)], subject: "work.x", messageID: "\(number)")
            }
            #expect(try await pull.next(max: 2).count == 2)
            // A second reader of the same consumer gets all the rest: the first has taken no more than it asked for.
            let other = try await bus.connection.pull(Bus.consumer(ackWait: .seconds(30), maxAckPending: 1000))
            var rest = 0
            while rest < 48 { rest += try await other.next(max: 100).count }
            #expect(rest == 48)
        }
    }

    @Test(.timeLimit(.minutes(3))) func `a lone message does not wait for a full batch`() async throws {
        try await Bus.with { bus in
            try await bus.connection.ensureStream(Bus.stream)
            let pull = try await bus.connection.pull(Bus.consumer())
            // A fetch that waits for its last message takes the reader's whole second: more of them than the limit has.
            for number in 1...200 {
                async let waiting = pull.next(max: 100)
                _ = try await bus.connection.publishToStream([1], subject: "work.x", messageID: "\(number)")
                let messages = try await waiting
                #expect(messages.count == 1)
                for message in messages { message.ack() }
            }
        }
    }

    @Test func `closing ends a waiting reader`() async throws {
        try await Bus.with { bus in
            try await bus.connection.ensureStream(Bus.stream)
            let pull = try await bus.connection.pull(Bus.consumer())
            let core = try await bus.connection.subscribe(to: "feed.>")
            async let pulled = failure(of: { try await pull.next(max: 1) })
            async let heard = failure(of: { try await core.next() })
            await bus.connection.close()
            let closed = NATSError(.closed, during: "waiting for messages")
            #expect(await pulled == closed)
            #expect(await heard == closed)
            #expect(throws: NATSError(.closed, during: "publishing")) { try bus.connection.publish([], to: "feed.x") }
        }
    }

    @Test func `a cancelled reader stops waiting and loses nothing`() async throws {
        try await Bus.with { bus in
            try await bus.connection.ensureStream(Bus.stream)
            let pull = try await bus.connection.pull(Bus.consumer())
            await withThrowingTaskGroup(of: [NATSMessage].self) { group in
                group.addTask { try await pull.next(max: 1) }
                group.cancelAll()
                await #expect(throws: CancellationError.self) { try await group.next() }
            }
            _ = try await bus.connection.publishToStream([1], subject: "work.x", messageID: "1")
            #expect(try await pull.next(max: 1).count == 1)
        }
    }
}
