import SandboxDriver
import Testing

@Suite struct `One run` {
    @Test func `a sum is completed`() async throws {
        let run = try await Sandbox.run("return ctx.input.a + ctx.input.b;", input: #"{"a": 40, "b": 2}"#)
        #expect(run.result == "42")
    }

    @Test func `undefined becomes null`() async throws {
        #expect(try await Sandbox.run("return;").result == "null")
    }

    @Test func `integers beyond 2^53 reach the input as text and all others as numbers`() async throws {
        let input = #"{"over":9007199254740993,"under":-9007199254740993,"at":9007199254740992,"#
            + #""long":[12345678901234567890],"float":1e30,"text":"9007199254740993"}"#
        let run = try await Sandbox.run("return ctx.input;", input: input)
        let expected = #"{"over":"9007199254740993","under":"-9007199254740993","at":9007199254740992,"#
            + #""long":["12345678901234567890"],"float":1e+30,"text":"9007199254740993"}"#
        #expect(run.result == expected)
    }

    @Test func `escapes of NUL and of lone surrogates are kept in the input`() async throws {
        let run = try await Sandbox.run("return [ctx.input, ctx.input.length];", input: #""\u0000\ud800x""#)
        #expect(run.result == #"["\u0000\ud800x",3]"#)
    }

    @Test func `headers, raw body and context are members of ctx`() async throws {
        var start = SandboxStart.test(input: "1")
        start.headersJSON = Array(#"{"content-type":"text/plain"}"#.utf8)
        start.rawBody = Array("h\u{E9} ".utf8) + [0xFF, 0x00]
        start.contextJSON = Array(#"{"executionId":"x1"}"#.utf8)
        let run = try await Sandbox.withPool { [start] pool in
            let script = SandboxScript.function(#"return [ctx.headers["content-type"], ctx.rawBody, ctx.executionId];"#)
            return try await Transcript(of: pool.open(trustDomain: "t", script: script, start: start))
        }
        #expect(run.result == "[\"text/plain\",\"h\u{E9} \u{FFFD}\\u0000\",\"x1\"]")
    }

    @Test func `console lines come with their level and readable values`() async throws {
        let run = try await Sandbox.run(#"console.log("a", {b: [1, "c"]}, null, 5n); console.error(new Map([[1, new Date(0)]]));"#)
        #expect(run.logs == [#"log: a { b: [ 1, "c" ] } null 5n"#, "error: Map { 1 => 1970-01-01T00:00:00.000Z }"])
    }

    @Test(arguments: [
        ("return 10n;", "TypeError", "BigInt"), ("const a = {}; a.a = a; return a;", "TypeError", "cyclic"),
        ("return 'x'.repeat(5_000_000);", "RangeError", "larger than 4194304 bytes"),
        ("let a = []; for (let i = 0; i < 500; i++) a = [a]; return a;", "RangeError", "nested deeper"),
    ])
    func `a result that cannot be handed on fails the run`(body: String, name: String, message: String) async throws {
        let failure = try #require(try await Sandbox.run(body).failure)
        #expect(failure.name == name)
        #expect(failure.message.contains(message))
    }

    @Test(arguments: [
        ("throw 'boom';", "boom"), ("throw null;", "null"), ("throw undefined;", "undefined"), ("throw {code: 7};", #"{"code":7}"#),
        ("throw Object.create(null);", "{}"), ("throw new Proxy({}, {get() { throw 1; }});", "a value that cannot be shown"),
        ("throw Symbol('s');", "Symbol(s)"), ("throw {get message() { throw 1; }, toJSON() { throw 2; }};", "a value that cannot be shown"),
    ])
    func `anything can be thrown`(body: String, message: String) async throws {
        let failure = try #require(try await Sandbox.run(body).failure)
        #expect(failure.message == message)
        #expect(failure.location == nil)
    }

    @Test func `an uncaught error has name, message and stack`() async throws {
        let failure = try #require(try await Sandbox.run("null.foo;").failure)
        #expect(failure.name == "TypeError")
        #expect(failure.message.hasPrefix("null is not an object"))
    }

    @Test func `an unhandled rejection is logged and the run goes on`() async throws {
        let run = try await Sandbox.run("Promise.reject(new Error('floating')); await fastn.state.get('k'); return 1;")
        #expect(run.result == "1")
        #expect(run.logs.count == 1)
        #expect(run.logs.first?.hasPrefix("error: Unhandled promise rejection: Error: floating") == true)
    }

    @Test func `code cannot be made from text`() async throws {
        let run = try await Sandbox.run("try { return eval('1'); } catch (error) { return error.name; }")
        #expect(run.result == #""EvalError""#)
        #expect(try await Sandbox.run("return new Function('return 1')();").failure?.name == "EvalError")
    }

    @Test func `the log is cut at its bound with one line that says so`() async throws {
        let run = try await Sandbox.run("for (let i = 0; i < 1000; i++) console.log('x'.repeat(1000)); return 1;")
        #expect(run.result == "1")
        #expect(run.logs.filter { $0.contains("the log is cut here") }.count == 1)
        #expect(run.logs.last?.contains("the log is cut here") == true)
        #expect((200...262).contains(run.logs.count))
    }

    @Test func `each run has a fresh context whatever the one before did`() async throws {
        try await Sandbox.withPool { pool in
            let polluting = SandboxScript.function(
                """
                Array.prototype.map = () => 'polluted'; Object.prototype.extra = 1; JSON.stringify = () => '"stolen"';
                Promise.prototype.then = () => {}; globalThis.left = 1; Map.prototype.get = null; return 1;
                """)
            let first = try await pool.open(trustDomain: "t", script: polluting, start: .test())
            let process = first.processIdentifier
            _ = try await Transcript(of: first)
            let probe = SandboxScript.function("return [[1].map((x) => x + 1), ({}).extra === undefined, typeof left, await fastn.state.get('k')];")
            let second = try await pool.open(trustDomain: "t", script: probe, start: .test())
            if let process { #expect(second.processIdentifier == process) }
            #expect(try await Transcript(of: second).result == #"[[2],true,"undefined",{"key":"k"}]"#)
        }
    }

    @Test func `a script that breaks every global still ends as it should`() async throws {
        let body = """
            JSON.stringify = JSON.parse = Reflect.apply = () => { throw 1; }; Promise.prototype.then = null; Object.prototype.get = () => 1;
            const value = await fastn.state.get('k'); return value.key;
            """
        #expect(try await Sandbox.run(body).result == #""k""#)
    }

    @Test func `two hundred runs in a row are right and share a process until it is used up`() async throws {
        let processes = try await Sandbox.withPool { pool in
            var processes: Set<Int32> = []
            for number in 0..<200 {
                let script = SandboxScript.function("return (await fastn.state.get('k')).key + ctx.input;")
                let session = try await pool.open(trustDomain: "t", script: script, start: .test(input: "\(number)"))
                let run = try await Transcript(of: session, answer: { call in
                    if let process = session.processIdentifier { processes.insert(process) }
                    return .value(call.argumentsJSON)
                })
                #expect(run.result == "\"k\(number)\"")
            }
            return processes
        }
        #expect(processes.count == 2)
    }
}
