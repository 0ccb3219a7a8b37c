import Domain
import EventSourcing
import Runs
import Testing
import Vocabulary

@Suite struct `A run whose data is erased` {
    private static let code = "async ctx => { await fastn.state.set('k', ctx.input); return ctx.input }"

    @Test func `before it began ends at once and says so`() async throws {
        let harness = try await RunHarness(Self.code)
        try await harness.withExecutor { executor, services, _ in
            let key = try await Self.key(harness)
            let id = try await harness.request(services, input: "\"canary\"", dataKey: key)
            _ = try await harness.store.destroy(key, of: harness.tenant)
            let run = try await executor.execute(id, tenant: harness.tenant, lane: .p2).found()
            #expect(run.status == .failed && run.failure == .erased)
            #expect(run.attempts.isEmpty && run.calls.isEmpty)
        }
    }

    @Test func `leaves a journal without a word of it, and is not run again`() async throws {
        let harness = try await RunHarness(Self.code)
        try await harness.withExecutor { executor, services, sandbox in
            let key = try await Self.key(harness)
            let id = try await harness.request(services, input: "\"canary\"", dataKey: key)
            let run = try await executor.execute(id, tenant: harness.tenant, lane: .p2).found()
            #expect(run.status == .completed && run.output == Array("\"canary\"".utf8))
            _ = try await harness.store.destroy(key, of: harness.tenant)
            let journal = try await harness.journal(id)
            #expect(journal.count > 2)
            #expect(!journal.contains { String(decoding: $0.form.payload, as: UTF8.self).contains("canary") })
            #expect(journal.last?.form.attachment == Erased.document)
            await #expect(throws: EntityRejection.self) {
                try await RunReplayer(services: services, sandbox: sandbox).replay(id, tenant: harness.tenant)
            }
        }
    }

    private static func key(_ harness: RunHarness) async throws -> DataKeyID {
        try #require(try await harness.store.current(try harness.store.subject("anna", of: harness.tenant), of: harness.tenant))
    }
}
