import SandboxDriver
import Testing

@Suite struct `Host calls` {
    private static let concurrent = """
        const calls = [1, 2, 3, 4].map((n) => fastn.connector.http.get(`https://example.com/${n}`).then((r) => { console.log(n); return r; }));
        const first = await Promise.race(calls);
        const all = await Promise.all(calls);
        return [first, all, Math.random(), crypto.randomUUID(), Date.now()];
        """

    /// Waits until as many calls are open and then answers them in the given order; answers the result and the logs.
    private func run(_ session: SandboxSession, answering order: [UInt32]) async throws -> [String] {
        var seen: [String] = []
        while let message = try await session.next() {
            switch message {
            case .log(_, let text): seen.append(text)
            case .turnOver(openCalls: order.count):
                for (place, id) in order.enumerated() {
                    session.answer(id, valueJSON: Array("\(id)".utf8), nowMilliseconds: SandboxStart.testTime + Int64(place))
                }
            case .completed(let json): seen.append(String(decoding: json, as: UTF8.self))
            case .call, .turnOver, .failed, .ended: continue
            }
        }
        return seen
    }

    @Test func `calls are numbered in the order in which they were made`() async throws {
        let run = try await Sandbox.run("await Promise.all([fastn.secrets.get('a'), fastn.state.delete('b')]); await fastn.state.get('c');")
        #expect(run.calls.map(\.id) == [0, 1, 2])
        #expect(run.calls.map(\.operation) == ["secrets.get", "state.delete", "state.get"])
    }

    @Test func `answers may come in any order`() async throws {
        let seen = try await Sandbox.withPool { pool in
            try await run(pool.open(trustDomain: "t", script: .function(Self.concurrent), start: .test()), answering: [2, 0, 3, 1])
        }
        #expect(seen.prefix(4) == ["3", "1", "4", "2"])
        #expect(seen.last?.hasPrefix("[2,[0,1,2,3],") == true)
    }

    @Test func `the same answers in the same order give the same run`() async throws {
        let runs = try await Sandbox.withPool { pool in
            var runs: Set<[String]> = []
            for domain in ["a", "b", "a", "c"] {
                runs.insert(
                    try await run(pool.open(trustDomain: domain, script: .function(Self.concurrent), start: .test()), answering: [3, 1, 0, 2]))
            }
            return runs
        }
        #expect(runs.count == 1)
    }

    @Test func `every operation carries what the script gave`() async throws {
        let run = try await Sandbox.run(
            """
            await fastn.state.set('k', {a: [1]}, {ttl: 60, scope: 'INVOCATION'});
            await fastn.secrets.get('TOKEN');
            await fastn.connector.http.post('https://example.com/', {body: {x: 1}});
            await fastn.connector.http.get({url: 'https://example.com/'});
            await fastn.connector.gmail.getProfile({emailAddress: 'me'});
            await new Fastn({connectors: {gamma: {orgId: 'custom'}}}).connector.gamma.list();
            """)
        #expect(run.calls.map { String(decoding: $0.argumentsJSON, as: UTF8.self) } == [
            #"{"key":"k","value":{"a":[1]},"ttl":60,"scope":"INVOCATION"}"#, #"{"name":"TOKEN"}"#,
            #"{"connector":"http","action":"post","input":{"url":"https://example.com/","body":{"x":1}}}"#,
            #"{"connector":"http","action":"get","input":{"url":"https://example.com/"}}"#,
            #"{"connector":"gmail","action":"getProfile","input":{"emailAddress":"me"}}"#,
            #"{"connector":"gamma","action":"list","input":null,"orgId":"custom"}"#,
        ])
    }

    @Test func `a rejected call is an error with name, message and the line of the call`() async throws {
        let body = """
            try { await fastn.secrets.get('a'); }
            catch (e) { return [e instanceof Error, e.name, e.message, e.stack.includes('workflow@')]; }
            """
        let run = try await Sandbox.run(body, answer: { _ in .error(name: "NotFound", message: "no \"a\"") })
        #expect(run.result == #"[true,"NotFound","no \"a\"",true]"#)
    }

    @Test func `the clock moves by the answers alone`() async throws {
        let run = try await Sandbox.run("const a = Date.now(); await fastn.state.get('k'); return [a, Date.now() - a, new Date().getTime() - a];")
        #expect(run.result == "[1700000000000,1000,1000]")
    }

    @Test func `timers are host calls`() async throws {
        let run = try await Sandbox.run(
            """
            await new Promise((done) => setTimeout(done, 50));
            let count = 0;
            await new Promise((done) => { const timer = setInterval(() => { if (++count === 3) { clearInterval(timer); done(); } }, 10); });
            return count;
            """)
        #expect(run.result == "3")
        #expect(run.calls.map { "\($0.operation) \(String(decoding: $0.argumentsJSON, as: UTF8.self))" }
            == [#"timer.sleep {"ms":50}"#] + Array(repeating: #"timer.sleep {"ms":10}"#, count: 3))
    }

    @Test func `a promise that nobody settles is seen as a stall`() async throws {
        let run = try await Sandbox.run("await new Promise(() => {});")
        #expect(run.end == .stalled)
    }

    @Test func `calls above the bound fail in the script and those below are made`() async throws {
        let run = try await Sandbox.run(
            "const calls = []; for (let i = 0; i < 1001; i++) calls.push(fastn.state.get('k')); await Promise.all(calls);")
        #expect(run.calls.count == 1000)
        #expect(run.failure?.message.contains("more than 1000 host calls are open") == true)
    }

    @Test func `arguments that are no JSON fail the call`() async throws {
        #expect(try await Sandbox.run("await fastn.state.set('k', 1n);").failure?.message.contains("cannot be written as JSON") == true)
    }

    @Test func `large answers and arguments pass whole`() async throws {
        let run = try await Sandbox.run(
            "const text = 'é'.repeat(1_000_000); const back = await fastn.state.set('k', text); return [back.value === text, back.value.length];")
        #expect(run.result == "[true,1000000]")
    }

    @Test func `an answer to a call that was not made is dropped`() async throws {
        let run = try await Sandbox.withPool { pool in
            let session = try await pool.open(trustDomain: "t", script: .function("return await fastn.state.get('k');"), start: .test())
            session.answer(0, valueJSON: Array("1".utf8), nowMilliseconds: 0)
            session.answer(9, valueJSON: Array("2".utf8), nowMilliseconds: 0)
            return try await Transcript(of: session, answer: { _ in .json("3") })
        }
        #expect(run.result == "3")
    }
}
