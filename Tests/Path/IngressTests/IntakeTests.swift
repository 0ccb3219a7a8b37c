import Domain
import EventSourcing
import PipelineTestKit
import Testing
import Vocabulary

@testable import Ingress

@Suite struct `Turning deliveries into events` {
    private static let eager: Intake.Configuration = {
        var configuration = Intake.Configuration()
        configuration.sweepInterval = .milliseconds(10)
        configuration.sweepAge = .zero
        return configuration
    }()

    @Test func `an accepted delivery becomes an event with a job to route it`() async throws {
        let fixture = try await IngressFixture()
        try await running([{ await fixture.intake.run() }]) {
            guard case .accepted(let id) = await fixture.receiver.receive(fixture.delivery([UInt8]("{}"))) else {
                Issue.record("the delivery was not accepted")
                return
            }
            #expect(try await fixture.eventsAppear(1))
            let event = try #require(try await fixture.events().first)
            #expect(event.form.type == "event.received")
            #expect(event.address.stream == id.recast() && event.id == id)
            #expect(event.meta.correlation == id.recast())
            let job = try #require(try await fixture.store.job(of: id.recast(), in: Slice(of: fixture.tenant)))
            #expect(job.kind == .route && job.lane == .p2)
            #expect(fixture.recent.entry(id) != nil)
        }
        #expect(try await fixture.inbox.pending(olderThan: .zero, limit: 9).isEmpty)
    }

    @Test func `what nobody handed over is found in the inbox`() async throws {
        let lost = try await IngressFixture()
        for number in 0..<20 { _ = await lost.receiver.receive(lost.delivery([UInt8]("{}"), id: "\(number)")) }
        let next = Intake(store: lost.store, inbox: lost.inbox, recent: RecentEvents(), configuration: Self.eager, logger: quiet)
        let isDone = try await running([{ await next.run() }]) { try await lost.eventsAppear(20) }
        #expect(isDone)
    }

    @Test func `a sweep beside the hand-over makes no second event`() async throws {
        let fixture = try await IngressFixture(configuration: Self.eager)
        try await running([{ await fixture.intake.run() }]) {
            for number in 0..<300 { _ = await fixture.receiver.receive(fixture.delivery([UInt8]("{}"), id: "\(number)")) }
            let isDone = try await fixture.eventsAppear(300)
            #expect(isDone)
        }
    }

    @Test func `senders who wait for an answer go before deliveries that have one`() async throws {
        let fixture = try await IngressFixture()
        var configuration = Intake.Configuration()
        configuration.crowdedConcurrency = 5
        configuration.crowdedPause = .seconds(3600)
        let crowded = CrowdedInbox(fixture.inbox, waitingCount: configuration.crowd)
        let intake = Intake(store: fixture.store, inbox: crowded, recent: RecentEvents(), configuration: configuration, logger: quiet)
        for number in 0..<20 { _ = await fixture.receiver.receive(fixture.delivery([UInt8]("{}"), id: "\(number)")) }
        for delivery in try await fixture.inbox.pending(olderThan: .zero, limit: 20) { intake.handOver(delivery) }
        let isDone = try await running([{ await intake.run() }]) { try await eventually { try await fixture.events().count == 5 } }
        #expect(isDone)
        #expect(intake.waitingCount == 15, "they wait in the inbox, where nothing is lost")
    }

    @Test func `a full queue leaves deliveries to the sweep`() async throws {
        var configuration = Self.eager
        configuration.queueLength = 3
        let fixture = try await IngressFixture(configuration: configuration)
        for number in 0..<50 { _ = await fixture.receiver.receive(fixture.delivery([UInt8]("{}"), id: "\(number)")) }
        let isDone = try await running([{ await fixture.intake.run() }]) { try await fixture.eventsAppear(50) }
        #expect(isDone)
    }
}

@Suite struct `Events kept in memory` {
    private func entry(_ bytes: Int) throws -> RecentEvents.Entry {
        let envelope = CommandEnvelope(commandID: CommandID(bits: 1), principal: .system("test"), correlation: CorrelationID(bits: 1), lane: .p2)
        return RecentEvents.Entry(form: StoredForm("test", [:], attachment: [UInt8](repeating: 0, count: bytes)), meta: EventMeta(envelope))
    }

    @Test func `the oldest go when the bytes are used up`() throws {
        let recent = RecentEvents(capacity: 100_000)
        for number in 1...20 { recent.keep(try entry(6000), as: EventID(bits: UInt128(number))) }
        #expect(recent.entry(EventID(bits: 1)) == nil)
        #expect(recent.entry(EventID(bits: 20)) != nil)
        #expect((1...20).filter { recent.entry(EventID(bits: UInt128($0))) != nil }.count == 9)
    }

    @Test func `all go when somebody's data is erased`() throws {
        let recent = RecentEvents()
        recent.keep(try entry(1), as: EventID(bits: 1))
        recent.forgetAll()
        #expect(recent.entry(EventID(bits: 1)) == nil)
    }

    @Test func `large bodies are left to the database`() throws {
        let recent = RecentEvents()
        recent.keep(try entry(RecentEvents.largestAttachment + 1), as: EventID(bits: 1))
        #expect(recent.entry(EventID(bits: 1)) == nil)
    }
}

/// An inbox whose senders wait.
private struct CrowdedInbox: Inbox {
    private let inbox: any Inbox
    let waitingCount: Int

    init(_ inbox: any Inbox, waitingCount: Int) {
        self.inbox = inbox
        self.waitingCount = waitingCount
    }

    func accept(_ delivery: InboxDelivery) async throws(EventStoreError) -> InboxReceipt { try await inbox.accept(delivery) }

    func pending(olderThan age: Duration, limit: Int) async throws(EventStoreError) -> [InboxDelivery] { [] }
}
