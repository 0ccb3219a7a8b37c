import Domain
import EventSourcing
import SandboxDriver
import Synchronization
import Testing
import Vocabulary

@testable import Runs

@Suite struct `What a run may not do` {
    @Test(arguments: ["-1e300", "0", "'soon'"]) func `a time to live that is none is refused, however it got out`(ttl: String) async throws {
        let code = """
            async () => {
              Object.prototype.toJSON = () => ({ key: 'k', value: 1, ttl: \(ttl) });
              try { await fastn.state.set('k', 1, { ttl: 1 }) } catch (error) { return error.message }
            }
            """
        #expect(try await RunHarness(code).run().outputText?.contains("ttl must be a number of seconds above 0") == true)
    }

    @Test(arguments: ["-1e300", "'soon'"]) func `a pause that is none is over at once`(pause: String) async throws {
        let code = """
            async () => {
              Object.prototype.toJSON = () => ({ ms: \(pause) });
              await new Promise((done) => setTimeout(done, 3600000));
              return 'over';
            }
            """
        #expect(try await RunHarness(code).run().outputText == "\"over\"")
    }

    @Test func `a time to live beyond all bounds is as good as none`() async throws {
        let code = "async () => { await fastn.state.set('k', 1, { ttl: Number.MAX_VALUE }); return await fastn.state.get('k') }"
        #expect(try await RunHarness(code).run().outputText == "1")
    }

    @Test(arguments: [ExecutionTier.instant, .standard]) func `a journal beyond its limit fails the run for good`(tier: ExecutionTier) async throws {
        let answer = Array("\"\(String(repeating: "x", count: 4_000_000))\"".utf8)
        let harness = try await RunHarness(
            "async () => { for (let i = 0; i < 9; i++) await fastn.connector.http.get('https://a.example') }",
            outside: FakeOutside { _ in .value(answer) })
        let run = try await harness.withExecutor { executor, services, _ in
            let id = try await harness.request(services, tier: tier, retry: .atOnce)
            return try await executor.execute(id, tenant: harness.tenant, lane: .p2).found()
        }
        #expect(run.status == .failed)
        #expect(run.failure?.name == "journal")
        #expect(run.failure?.message.contains("10 MB") == true)
        #expect(harness.outside.calls.count == 3)
    }

    @Test func `arguments beyond the journal's limit do not leave`() async throws {
        let harness = try await RunHarness(
            "async () => { for (let i = 0; i < 9; i++) await fastn.connector.http.post('https://a.example', { body: 'x'.repeat(4000000) }) }")
        let run = try await harness.run()
        #expect(run.failure?.name == "journal")
        #expect(harness.outside.calls.count == 1, "the second post would be recorded before it leaves and again with its answer")
    }

    @Test func `used-up CPU time is not called a timeout's`() {
        guard case .timedOut(let failure) = RunEnd(.cpuLimit(nil), timeout: .seconds(900)) else {
            Issue.record("it is not timed out")
            return
        }
        #expect(failure.message.contains("CPU time"))
    }

    @Test func `a run that ends from outside again and again is given up`() async throws {
        let harness = try await RunHarness("async () => 1")
        let run = try await harness.withExecutor { executor, services, _ in
            let id = try await harness.request(services, retry: .atOnce)
            for _ in 0..<services.configuration.startsWithoutProgress { try await harness.start(id, services) }
            return try await executor.execute(id, tenant: harness.tenant, lane: .p2).found()
        }
        #expect(run.status == .failed)
        #expect(run.failure?.message.contains("begun 20 times") == true)
    }

    @Test func `the time that nobody worked on a run is not its own`() async throws {
        let harness = try await RunHarness("async () => { await fastn.state.get('k'); return 1 }")
        func run(worked: Duration) async throws -> Run {
            try await harness.withExecutor { executor, services, _ in
                let id = try await harness.request(services, timeout: .seconds(30))
                let start = harness.ids.now() + .seconds(-3600)
                try await harness.start(id, services, at: start, [.logged([LogLine(level: "log", text: "x", at: start + worked)])])
                return try await executor.execute(id, tenant: harness.tenant, lane: .p2).found()
            }
        }
        #expect(try await run(worked: .seconds(1)).status == .completed)
        #expect(try await run(worked: .seconds(31)).status == .timedOut)
    }
}

@Suite struct `A run whose surroundings fail` {
    @Test func `is taken up again when a call could not be made`() async throws {
        let failures = Mutex(1)
        let harness = try await RunHarness(
            "async () => { try { await fastn.connector.http.get('https://a.example') } catch { return 'caught' } return 'answered' }",
            outside: FakeOutside { _ in
                let fails = failures.withLock { left in
                    defer { left = 0 }
                    return left > 0
                }
                if fails { throw EventStoreError(.unavailable) }
                return .value(Array("1".utf8))
            })
        let run = try await harness.withExecutor { executor, services, _ in
            let id = try await harness.request(services)
            await #expect(throws: EventStoreError.self) { try await executor.execute(id, tenant: harness.tenant, lane: .p2) }
            return try await executor.execute(id, tenant: harness.tenant, lane: .p2).found()
        }
        #expect(run.outputText == "\"answered\"")
    }

    @Test func `is taken up by who waits for it when the one before him could not`() async throws {
        let (calls, called) = AsyncStream.makeStream(of: Void.self)
        let (gate, opened) = AsyncStream.makeStream(of: Void.self)
        let isSecond = Mutex(false)
        let outside = FakeOutside { _ in
            called.yield()
            let isLate = isSecond.withLock { value in
                defer { value = true }
                return value
            }
            if isLate { return .value(Array("1".utf8)) }
            for await _ in gate { break }
            throw EventStoreError(.unavailable)
        }
        let harness = try await RunHarness("async () => { await fastn.connector.http.get('https://x'); return 'answered' }", outside: outside)
        let output = try await harness.withExecutor { executor, services, _ in
            let id = try await harness.request(services)
            async let first = refusal { try await executor.execute(id, tenant: harness.tenant, lane: .p2) }
            for await _ in calls { break }
            async let second: Run? = executor.execute(id, tenant: harness.tenant, lane: .p1)
            while executor.waitingCount == 0 { await Task.yield() }
            opened.yield()
            let refused = await first
            #expect(refused is EventStoreError)
            return try await second.found().outputText
        }
        #expect(output == "\"answered\"")
    }

    @Test func `waits for its event, and not for ever`() async throws {
        var harness = try await RunHarness("async () => 1")
        let patient = harness
        let id = try await patient.withExecutor { executor, services, _ in
            let id = try await patient.request(services, hasEvent: false)
            await #expect(throws: EventUnderWay.self) { try await executor.execute(id, tenant: patient.tenant, lane: .p2) }
            return id
        }
        harness.configuration.eventPatience = .zero
        let impatient = harness
        let run = try await impatient.withExecutor { executor, _, _ in try await executor.execute(id, tenant: impatient.tenant, lane: .p2).found() }
        #expect(run.failure?.name == "MissingEvent")
    }
}

/// The error with which `body` ends; nil when it ends well.
private func refusal(_ body: () async throws -> some Sendable) async -> (any Error)? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}
