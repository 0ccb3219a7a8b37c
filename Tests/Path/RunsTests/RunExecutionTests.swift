import Domain
import EventSourcing
import Testing
import Vocabulary

@testable import Runs

@Suite struct `Executing a run` {
    @Test func `the result is what the workflow returned`() async throws {
        let run = try await RunHarness("async (ctx) => ({ sum: ctx.input.a + ctx.input.b })").run(input: #"{"a":2,"b":3}"#)
        #expect(run.status == .completed)
        #expect(run.outputText == #"{"sum":5}"#)
    }

    @Test func `an exception fails the run with its message`() async throws {
        let run = try await RunHarness("async () => { throw new TypeError('no such order') }").run()
        #expect(run.status == .failed)
        #expect(run.failure?.name == "TypeError")
        #expect(run.failure?.message == "no such order")
    }

    @Test func `an endless loop is timed out`() async throws {
        let run = try await RunHarness("async () => { for (;;) {} }").run(timeout: .seconds(1))
        #expect(run.status == .timedOut)
    }

    @Test func `a promise that nobody settles fails the run at once`() async throws {
        let run = try await RunHarness("async () => { await new Promise(() => {}) }").run()
        #expect(run.failure?.name == "Stalled")
    }

    @Test func `a call that is not idempotent is recorded before it leaves`() async throws {
        let harness = try await RunHarness("async () => { await fastn.connector.http.post('https://api.example.com', { body: 1 }); return 1 }")
        let id = try await harness.withExecutor { executor, services, _ in
            let id = try await harness.request(services)
            _ = try await executor.execute(id, tenant: harness.tenant, lane: .p2)
            return id
        }
        let types = try await harness.journal(id).map(\.form.type)
        #expect(types == ["run.requested", "run.started", "run.call.scheduled", "run.call.completed", "run.completed"])
    }

    @Test func `an instant run writes its journal with the outcome`() async throws {
        let harness = try await RunHarness("async () => { await fastn.connector.http.get('https://api.example.com'); return 1 }")
        let id = try await harness.withExecutor { executor, services, _ in
            let id = try await harness.request(services, tier: .instant)
            _ = try await executor.execute(id, tenant: harness.tenant, lane: .p1)
            return id
        }
        let journal = try await harness.journal(id)
        #expect(journal.map(\.form.type) == ["run.requested", "run.started", "run.call.completed", "run.completed"])
        // One append gives its events consecutive instants.
        #expect(journal[3].recordedAt - journal[1].recordedAt == .microseconds(2))
    }

    @Test func `a run reads the state that it wrote itself`() async throws {
        let code =
            """
            async () => {
              await fastn.state.set('k', { n: 1 });
              const v = await fastn.state.get('k');
              await fastn.state.delete('k');
              return [v, await fastn.state.get('k')];
            }
            """
        #expect(try await RunHarness(code).run(tier: .instant).outputText == #"[{"n":1},null]"#)
        #expect(try await RunHarness(code).run(tier: .standard).outputText == #"[{"n":1},null]"#)
    }

    @Test func `state outlives the run that wrote it`() async throws {
        let harness = try await RunHarness("async () => { const n = (await fastn.state.get('n') ?? 0) + 1; await fastn.state.set('n', n); return n }")
        _ = try await harness.run()
        #expect(try await harness.run().outputText == "2")
    }

    @Test func `console lines are in the journal once`() async throws {
        let harness = try await RunHarness("async () => { console.log('hello', 1); console.error('oops') }")
        let id = try await harness.withExecutor { executor, services, _ in
            let id = try await harness.request(services)
            _ = try await executor.execute(id, tenant: harness.tenant, lane: .p2)
            return id
        }
        var lines: [LogLine] = []
        for event in try await harness.journal(id) { if case .logged(let more) = try RunEvent.restore(event.form) { lines += more } }
        #expect(lines.map(\.level) == ["log", "error"])
        #expect(lines.first?.text == "hello 1")
    }

    @Test func `a secret reaches the code and nothing that is stored`() async throws {
        let harness = try await RunHarness(
            """
            async () => {
              const s = await fastn.secrets.get('TOKEN');
              console.log(s);
              await fastn.connector.http.post('https://x.example', { body: s });
              return { s, n: s.length };
            }
            """,
            outside: FakeOutside { call in .value(call.input) }, secrets: ["TOKEN": "hunter2-hunter2"])
        let id = try await harness.withExecutor { executor, services, _ in
            let id = try await harness.request(services)
            _ = try await executor.execute(id, tenant: harness.tenant, lane: .p2)
            return id
        }
        let stored = try await harness.journal(id).map { String(decoding: $0.form.payload, as: UTF8.self) }.joined()
        #expect(!stored.contains("hunter2"))
        #expect(stored.contains("[secret TOKEN]"))
        #expect(harness.outside.calls.first.map { String(decoding: $0.input, as: UTF8.self).contains("hunter2-hunter2") } == true)
    }

    @Test func `a cancelled run ends as cancelled`() async throws {
        let harness = try await RunHarness("async () => { await new Promise((done) => setTimeout(done, 60000)) }")
        let run = try await harness.withExecutor { executor, services, _ in
            let id = try await harness.request(services, timeout: .seconds(60))
            async let executed = executor.execute(id, tenant: harness.tenant, lane: .p2)
            while executor.activeCount == 0 { await Task.yield() }
            _ = try await executor.cancel(id, tenant: harness.tenant, harness.envelope)
            return try await executed.found()
        }
        #expect(run.status == .cancelled)
    }
}
