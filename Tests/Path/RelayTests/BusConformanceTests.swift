import EventBusConformance
import EventSourcing
import NATSDriver
import PipelineTestKit
import Testing
import Vocabulary

@testable import Relay

@Suite struct `The bus in memory` {
    @Test(arguments: EventBusPromise.allCases) func `it keeps every promise of a bus`(_ promise: EventBusPromise) async throws {
        try await promise.check(InMemoryEventBus())
    }

    @Test func `closing ends the receivers`() async {
        let bus = InMemoryEventBus()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await #expect(throws: EventBusError.closed) { try await bus.receive(.p1, limit: 1) } }
            await Task.yield()
            bus.close()
        }
    }

    @Test func `a full lane refuses instead of growing`() async throws {
        let bus = InMemoryEventBus()
        try await bus.publish((0..<InMemoryEventBus.capacityPerLane).map { job($0) }, attempt: 0)
        await #expect(throws: EventBusError.self) { try await bus.publish([job(1)], attempt: 0) }
        try await bus.publish([job(1, lane: .p1)], attempt: 0)
    }
}

@Suite struct `The bus over NATS` {
    @Test func `it keeps every promise of a bus`() async throws {
        try await withNATS { server in
            for promise in EventBusPromise.allCases {
                var configuration = NATSEventBus.Configuration()
                configuration.prefix = "promise-\(EventBusPromise.allCases.firstIndex(of: promise) ?? 0)"
                try await promise.check(NATSEventBus(connection: server.connection, configuration: configuration, session: 1))
            }
        }
    }

    @Test func `a server that lost its store is filled again`() async throws {
        try await withNATS { server in
            let bus = NATSEventBus(connection: server.connection, session: 1)
            try await bus.publish([job(1)], attempt: 0)
            #expect(try await bus.receive(.p2, limit: 9) == [job(1)])
            try await server.wipe()
            // What fails (try?) while the connection is made again is tried again.
            let isBack = await eventually { (try? await bus.publish([job(2)], attempt: 0)) != nil }
            #expect(isBack)
            #expect(try await bus.receive(.p2, limit: 9) == [job(2)])
        }
    }

    @Test func `another process may publish the same pointer again`() async throws {
        try await withNATS { server in
            for session in 1...2 {
                let bus = NATSEventBus(connection: server.connection, session: UInt64(session))
                try await bus.publish([job(1)], attempt: 0)
                #expect(try await bus.receive(.p2, limit: 9) == [job(1)])
            }
        }
    }

    @Test func `what is no pointer is passed over`() async throws {
        try await withNATS { server in
            let bus = NATSEventBus(connection: server.connection, session: 1)
            try await bus.publish([job(1)], attempt: 0)
            _ = try await bus.receive(.p2, limit: 9)
            _ = try await server.connection.publishToStream(Array("noise".utf8), subject: "fastn.P2.only", messageID: "noise")
            try await bus.publish([job(2)], attempt: 0)
            #expect(try await bus.receive(.p2, limit: 9) == [job(2)])
        }
    }
}

