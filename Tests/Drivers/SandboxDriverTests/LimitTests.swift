import Glibc
import SandboxDriver
import Testing

@Suite struct `Limits of a run` {
    private static func small(_ configuration: inout SandboxConfiguration) {
        configuration.perEntryLimit = .milliseconds(200)
        configuration.cpuLimit = .milliseconds(600)
    }

    private static func littleMemory(_ configuration: inout SandboxConfiguration) {
        configuration.memoryLimitBytes = 96 << 20
    }

    @Test(arguments: [
        "for (;;) {}", "await fastn.state.get('k'); for (;;) {}", "return { get a() { for (;;) {} } };", "[3, 1, 2].sort(() => { for (;;) {} });",
    ])
    func `an endless loop ends at its turn's limit`(body: String) async throws {
        guard case .cpuLimit = try #require(try await Sandbox.run(body, configure: Self.small).end) else {
            Issue.record("not ended for CPU time")
            return
        }
    }

    @Test(arguments: [
        "const again = () => Promise.resolve().then(again); again(); await fastn.state.get('k');", "for (;;) await null;",
        "return /(a+)+$/.test('a'.repeat(40) + 'b');",
    ])
    func `what the engine does not stop ends at the run's limit`(body: String) async throws {
        #expect(try await Sandbox.run(body, configure: Self.small).end == .cpuLimit(nil))
    }

    @Test(arguments: [
        "const a = []; for (;;) a.push(new Array(1000).fill(1.5));", "const a = []; for (;;) a.push(new Uint8Array(1e6).fill(1));",
        "const a = []; for (;;) { try { a.push({a: [1, 2, 3], b: 'x' + a.length}); } catch {} }",
    ])
    func `a memory hog ends with its cause while its neighbour goes on`(body: String) async throws {
        try await Sandbox.withPool(Self.littleMemory) { pool in
            let neighbour = try await pool.open(trustDomain: "n", script: .function("return await fastn.state.get('k');"), start: .test())
            guard case .call(let call) = try #require(try await neighbour.next()) else { throw Unexpected() }
            let hog = try await Transcript(of: pool.open(trustDomain: "t", script: .function(body), start: .test()))
            #expect(hog.end == .memoryLimit)
            neighbour.answer(call.id, valueJSON: Array("7".utf8), nowMilliseconds: 0)
            #expect(try await Transcript(of: neighbour).result == "7")
        }
    }

    @Test(arguments: ["let s = 'x'; for (;;) s += s;", "const f = () => f() + 1; f();", "new Uint8Array(2 ** 33);"])
    func `what the engine refuses by itself is an error of the script`(body: String) async throws {
        #expect(try await Sandbox.run(body, configure: Self.small).failure?.name == "RangeError")
    }

    @Test func `the wall clock ends a run that waits`() async throws {
        let end = try await Sandbox.withPool { pool in
            let session = try await pool.open(
                trustDomain: "t", script: .function("await fastn.state.get('k');"), start: .test(wallClockLimit: .milliseconds(200)))
            var last: SandboxMessage?
            while let message = try await session.next() { last = message }
            return last
        }
        #expect(end == .ended(.wallClock))
    }

    @Test func `a worker killed from outside is reported with its signal`() async throws {
        let end = try await Sandbox.withPool { pool in
            let session = try await pool.open(trustDomain: "t", script: .function("await fastn.state.get('k');"), start: .test())
            _ = try await session.next()
            kill(try #require(session.processIdentifier), SIGKILL)
            var last: SandboxMessage?
            while let message = try await session.next() { last = message }
            return last
        }
        #expect(end == .ended(.killed(signal: SIGKILL)))
    }

    @Test func `the next run after a killed worker gets a new one`() async throws {
        try await Sandbox.withPool { pool in
            let first = try await pool.open(trustDomain: "t", script: .function("await fastn.state.get('k');"), start: .test())
            _ = try await first.next()
            first.terminate(.cancelled)
            #expect(try await Transcript(of: first).end == .cancelled)
            #expect(try await Transcript(of: pool.open(trustDomain: "t", script: .function("return 1;"), start: .test())).result == "1")
        }
    }

    @Test func `cancelling the task that follows a run ends the run`() async throws {
        try await Sandbox.withPool { pool in
            let session = try await pool.open(trustDomain: "t", script: .function("await fastn.state.get('k');"), start: .test())
            guard case .call = try await session.next(), case .turnOver = try await session.next() else { throw Unexpected() }
            let last = try await withThrowingTaskGroup(of: SandboxMessage?.self) { group in
                group.addTask { try await session.next() }
                group.cancelAll()
                return try await group.next() ?? nil
            }
            #expect(last == .ended(.cancelled))
            #expect(try await session.next() == nil)
        }
    }

    @Test func `a run that nobody follows any more frees its worker`() async throws {
        try await Sandbox.withPool({ $0.maximumWorkers = 1 }) { pool in
            _ = try await pool.open(trustDomain: "t", script: .function("await fastn.state.get('k');"), start: .test())
            #expect(try await Transcript(of: pool.open(trustDomain: "t", script: .function("return 2;"), start: .test())).result == "2")
        }
    }

    @Test func `work after the result does not spill into the next run`() async throws {
        try await Sandbox.withPool(Self.small) { pool in
            let script = SandboxScript.function("Promise.resolve().then(() => {}).then(() => { for (;;) {} }); return 1;")
            let first = try await Transcript(of: pool.open(trustDomain: "t", script: script, start: .test()))
            #expect(first.result == nil)
            #expect(try await Transcript(of: pool.open(trustDomain: "t", script: .function("return 3;"), start: .test())).result == "3")
        }
    }
}
