import Domain
import EventSourcing
import PipelineTestKit
import Testing
import Vocabulary

@testable import Erasure

@Suite struct `The eraser` {
    let ids = TestIDs()
    let store: InMemoryEventStore
    let eraser: Eraser
    let tenant = TenantID(bits: 7)

    init() {
        store = InMemoryEventStore(clock: ids)
        eraser = Eraser(erasures: EntityDirectory(store: store, ids: ids, trail: nil), keys: store, ids: ids)
    }

    private var envelope: CommandEnvelope {
        CommandEnvelope(commandID: ids.next(), principal: Principal(kind: .user, id: "someone"), correlation: ids.next(), lane: .p1)
    }

    private func events() async throws -> [String] { try await store.read(Slice(of: tenant), after: 0, limit: 100).map(\.form.type) }

    @Test func `destroys the key at once, and records the end when no process can have it any more`() async throws {
        let anna = try store.subject("anna", of: tenant)
        let key = try #require(try await store.current(anna, of: tenant))
        let begun = try await eraser.erase(anna, of: tenant, reason: "asked for it", envelope)
        #expect(begun.key == key)
        #expect(try await store.newest(anna, of: tenant)?.destroyedAt != nil)
        let job = try #require(try await store.job(of: key.recast(), in: Slice(of: tenant)))
        await #expect(throws: StillRemembered.self) { try await eraser.perform(job) }
        #expect(try await events() == ["erasure.requested"])
        ids.advance(by: Eraser.settling)
        try await eraser.perform(job)
        #expect(try await events() == ["erasure.requested", "erasure.completed"])
        #expect(try await store.job(of: key.recast(), in: Slice(of: tenant)) == nil)
        // A second worker may have had the same job.
        try await eraser.perform(job)
        #expect(try await events().count == 2)
    }

    @Test func `destroys the key when whoever asked ended before he could`() async throws {
        let anna = try store.subject("anna", of: tenant)
        let key = try #require(try await store.current(anna, of: tenant))
        let erasures = EntityDirectory<ErasureDecider>(store: store, ids: ids, trail: nil)
        _ = try await erasures.send(
            .request(ErasureRequest(subject: anna, reason: "asked for it")), to: Eraser.address(of: key, tenant), envelope)
        let job = try #require(try await store.job(of: key.recast(), in: Slice(of: tenant)))
        await #expect(throws: StillRemembered.self) { try await eraser.perform(job) }
        #expect(try await store.newest(anna, of: tenant)?.destroyedAt != nil)
    }

    @Test func `asked again answers the same, and erases what came in since`() async throws {
        let anna = try store.subject("anna", of: tenant)
        _ = try await store.current(anna, of: tenant)
        let first = try await eraser.erase(anna, of: tenant, reason: "asked for it", envelope)
        #expect(try await eraser.erase(anna, of: tenant, reason: "asked again", envelope).key == first.key)
        #expect(try await events() == ["erasure.requested"])
        let second = try #require(try await store.current(anna, of: tenant))
        #expect(try await eraser.erase(anna, of: tenant, reason: "asked later", envelope).key == second)
        #expect(try await events().count == 2)
    }

    @Test func `knows nothing of a person of whom nothing was kept, but erases any tenant`() async throws {
        await #expect(throws: EntityRejection.unknown(ErasureDecider.category)) {
            try await eraser.erase(try store.subject("nobody", of: tenant), of: tenant, reason: "asked for it", envelope)
        }
        _ = try await eraser.erase(nil, of: tenant, reason: "end of contract", envelope)
        #expect(try await store.current(nil, of: tenant) == nil)
        #expect(try await store.current(try store.subject("anna", of: tenant), of: tenant) == nil)
    }
}
