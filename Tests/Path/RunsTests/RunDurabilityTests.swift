import Domain
import EventSourcing
import Synchronization
import Testing
import Vocabulary

@testable import Runs

@Suite struct `A run that is interrupted` {
    static let code = """
        async () => {
          const seen = [];
          for (let i = 0; i < 4; i++) {
            const answer = await fastn.connector.http[i % 2 ? 'post' : 'get']('https://api.example.com/' + i);
            seen.push(answer.n, Math.random(), Date.now(), crypto.randomUUID());
          }
          return seen;
        }
        """

    /// The process dies while call number `victim` is out; whatever the log has then, a second process finishes the run.
    @Test(arguments: 0..<4) func `continues where its journal ends`(victim: Int) async throws {
        let reached = Gate()
        let lives = Mutex(1)
        let outside = FakeOutside { call in
            let number = Int(String(decoding: call.input, as: UTF8.self).filter(\.isNumber)) ?? -1
            if number == victim, lives.withLock({ $0 }) > 0 {
                reached.open()
                await Gate.never()
            }
            return .value(Array("{\"n\":\(number)}".utf8))
        }
        let harness = try await RunHarness(Self.code, outside: outside)
        let id = try await harness.withExecutor { executor, services, _ in
            let id = try await harness.request(services)
            await withTaskGroup(of: Void.self) { group in
                group.addTask { _ = try? await executor.execute(id, tenant: harness.tenant, lane: .p2) }  // Ends by the cancellation below.
                await reached.wait()
                lives.withLock { $0 = 0 }
                group.cancelAll()
            }
            return id
        }
        let run = try await harness.withExecutor { executor, _, _ in try await executor.execute(id, tenant: harness.tenant, lane: .p2).found() }
        #expect(run.status == .completed)
        let keys = outside.calls.map(\.idempotencyKey)
        #expect(Set(keys).count == 4)
        #expect(keys.count == 5, "only the call that was out is made again, and under its own key")
        #expect(keys.filter { $0.hasPrefix("\(id)-\(victim)-") }.count == 2)
    }

    @Test func `a retry makes only what failed and what follows`() async throws {
        let failures = Mutex(1)
        let outside = FakeOutside { call in
            if call.action == "get",
                failures.withLock({ n in
                    defer { n -= 1 }
                    return n > 0
                })
            {
                return .error(RunFailure(name: "ConnectorError", message: "503"))
            }
            return .value(Array("1".utf8))
        }
        let harness = try await RunHarness(
            "async () => { const { http } = fastn.connector; await http.post('https://a.example'); await http.get('https://b.example'); return 1 }",
            outside: outside)
        var policy = RetryPolicy()
        policy.isEnabled = true
        policy.initialIntervalMilliseconds = 1
        let retry = policy
        let (first, second) = try await harness.withExecutor { executor, services, _ in
            let id = try await harness.request(services, retry: retry)
            let first = try await executor.execute(id, tenant: harness.tenant, lane: .p2).found()
            return (first, try await harness.finish(id, executor))
        }
        #expect(first.status == .running)
        #expect(first.isWaiting)
        #expect(second.status == .completed)
        #expect(outside.calls.map(\.action) == ["post", "get", "get"])
    }

    /// Calls 0 and 2 fail in the first attempt; the outcome of 1 stands in the journal before the code comes to it in the second.
    @Test func `a retry after a failure that was caught finds what was completed between`() async throws {
        let failing = Mutex(["/a", "/c"])
        let outside = FakeOutside { call in
            let input = String(decoding: call.input, as: UTF8.self)
            let fails = failing.withLock { left in
                guard let index = left.firstIndex(where: input.contains) else { return false }
                left.remove(at: index)
                return true
            }
            return fails ? .error(RunFailure(name: "ConnectorError", message: "503")) : .value(Array("1".utf8))
        }
        let harness = try await RunHarness(
            """
            async () => {
              const { http } = fastn.connector;
              try { await http.get('https://x.example/a') } catch {}
              await http.post('https://x.example/b');
              await http.get('https://x.example/c');
              return 'done';
            }
            """, outside: outside)
        let (run, report) = try await harness.withExecutor { executor, services, sandbox in
            let id = try await harness.request(services, retry: RetryPolicy.atOnce)
            let run = try await harness.finish(id, executor)
            return (run, try await RunReplayer(services: services, sandbox: sandbox).replay(id, tenant: harness.tenant))
        }
        #expect(run.status == .completed, "\(run.failure?.message ?? "")")
        #expect(outside.calls.map(\.action) == ["get", "post", "get", "get", "get"])
        #expect(report.isSame, "\(report.difference ?? "")")
    }

    @Test func `a run that waits is not driven before its time`() async throws {
        let outside = FakeOutside { _ in .error(RunFailure(name: "ConnectorError", message: "503")) }
        let harness = try await RunHarness("async () => { await fastn.connector.http.get('https://a.example') }", outside: outside)
        var policy = RetryPolicy()
        policy.isEnabled = true
        policy.initialIntervalMilliseconds = 60_000
        let retry = policy
        let run = try await harness.withExecutor { executor, services, _ in
            let id = try await harness.request(services, retry: retry)
            _ = try await executor.execute(id, tenant: harness.tenant, lane: .p2)
            return try await executor.execute(id, tenant: harness.tenant, lane: .p2).found()
        }
        #expect(run.isWaiting)
        #expect(run.attempts.count == 1)
        #expect(outside.calls.count == 1)
    }

    @Test(.timeLimit(.minutes(1))) func `what a run learned is in the log before a long call ends`() async throws {
        let outside = FakeOutside { _ in
            await Gate.never()
            return .value(Array("1".utf8))
        }
        var world = try await RunHarness(
            """
            async () => {
              console.log('begun');
              await new Promise((done) => setTimeout(done, 5));
              await fastn.state.set('k', 1);
              await fastn.connector.http.get('https://a.example');
            }
            """, outside: outside)
        world.configuration.commitInterval = .milliseconds(1)
        let harness = world
        try await harness.withExecutor { executor, services, _ in
            let id = try await harness.request(services)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try? await executor.execute(id, tenant: harness.tenant, lane: .p2) }  // Ends by the cancellation below.
                let wanted = ["run.requested", "run.started", "run.logged", "run.call.completed", "run.call.completed"]
                while try await harness.journal(id).map(\.form.type) != wanted { await Task.yield() }
                group.cancelAll()
            }
        }
    }

    @Test func `calls of one index have one idempotency key each`() async throws {
        let calls = ["{\"url\":\"a\"}", "{\"url\":\"a\"}", "{\"url\":\"b\"}"].map {
            RunCall(index: 3, operation: "connector", connector: "http", action: "post", input: $0)
        }
        let harness = try await RunHarness("async () => 1")
        let keys = try await harness.withExecutor { _, services, _ in
            let id = try await harness.request(services)
            guard case .present(let run) = try await services.runs.state(at: .monthly(RunDecider.self, id, in: harness.tenant)) else {
                throw EntityRejection.unknown(RunDecider.category)
            }
            let host = HostCalls(tenant: harness.tenant, run: id, request: run.request, services: services, term: SliceTerm(0))
            return calls.map(host.idempotencyKey)
        }
        #expect(keys[0] == keys[1])
        #expect(keys[0] != keys[2])
    }

    @Test func `an exception without a failed call is not tried again`() async throws {
        let harness = try await RunHarness("async () => { throw new Error('always') }")
        var policy = RetryPolicy()
        policy.isEnabled = true
        let retry = policy
        let run = try await harness.withExecutor { executor, services, _ in
            let id = try await harness.request(services, retry: retry)
            return try await executor.execute(id, tenant: harness.tenant, lane: .p2).found()
        }
        #expect(run.status == .failed)
    }

    @Test func `other code under the same journal is parked and shows both sides`() async throws {
        let hold = Gate()
        let harness = try await RunHarness(
            "async () => { await fastn.connector.http.get('https://a.example/1'); await fastn.connector.http.get('https://a.example/2') }",
            outside: FakeOutside { call in
                if String(decoding: call.input, as: UTF8.self).contains("/2") {
                    hold.open()
                    await Gate.never()
                }
                return .value(Array("1".utf8))
            })
        let id = try await harness.withExecutor { executor, services, _ in
            let id = try await harness.request(services)
            await withTaskGroup(of: Void.self) { group in
                group.addTask { _ = try? await executor.execute(id, tenant: harness.tenant, lane: .p2) }  // Ends by the cancellation below.
                await hold.wait()
                group.cancelAll()
            }
            return id
        }
        let other = RunHarness.artefact("async () => { await fastn.connector.http.get('https://elsewhere.example') }")
        let run = try await harness.withExecutor(code: other) { executor, _, _ in
            try await executor.execute(id, tenant: harness.tenant, lane: .p2).found()
        }
        #expect(run.waiting == .attention)
        #expect(run.failure?.message.contains("elsewhere.example") == true)
        #expect(run.failure?.message.contains("a.example/1") == true)
    }

    @Test func `a replay goes the same way and touches nothing`() async throws {
        let harness = try await RunHarness(
            """
            async () => {
              const { http } = fastn.connector;
              const v = await Promise.race([http.get('https://a.example'), http.get('https://b.example')]);
              return [v, Math.random(), Date.now()];
            }
            """
        )
        let report = try await harness.withExecutor { executor, services, sandbox in
            let id = try await harness.request(services)
            _ = try await executor.execute(id, tenant: harness.tenant, lane: .p2)
            return try await RunReplayer(services: services, sandbox: sandbox).replay(id, tenant: harness.tenant)
        }
        #expect(report.isSame, "\(report.difference ?? "")")
        #expect(harness.outside.calls.count == 2)
    }

    @Test func `a replay of changed code says where it differs`() async throws {
        let harness = try await RunHarness("async () => { await fastn.connector.http.get('https://a.example'); return 1 }")
        let id = try await harness.withExecutor { executor, services, _ in
            let id = try await harness.request(services)
            _ = try await executor.execute(id, tenant: harness.tenant, lane: .p2)
            return id
        }
        let report = try await harness.withExecutor(code: RunHarness.artefact("async () => 2")) { _, services, sandbox in
            try await RunReplayer(services: services, sandbox: sandbox).replay(id, tenant: harness.tenant)
        }
        #expect(!report.isSame)
        #expect(report.difference?.contains("the result differs") == true)
    }
}

/// Opens once; whoever waits goes on.
final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiters: [CheckedContinuation<Void, Never>])>((false, []))

    func open() {
        let waiters = state.withLock { state in
            defer { state = (true, []) }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    /// Waits until the task is cancelled.
    static func never() async {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        await withTaskCancellationHandler {
            for await _ in stream {}
        } onCancel: {
            continuation.finish()
        }
    }
}
