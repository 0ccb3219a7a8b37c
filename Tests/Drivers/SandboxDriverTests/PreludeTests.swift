import SandboxDriver
import Testing

@Suite struct `The globals of a workflow` {
    /// Evaluates all expressions in one run and compares each with the JSON expected.
    private func expect(_ table: [(expression: String, json: String)], sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let thunks = table.map { "() => (\($0.expression))" }.joined(separator: ",\n")
        let body = """
            for (const f of [\(thunks)]) {
              let line;
              try { line = JSON.stringify(await f()) ?? 'undefined'; } catch (error) { line = error?.name ?? 'undefined'; }
              console.log(line);
            }
            """
        let script = SandboxScript.function(body)
        let run = try await Sandbox.withPool { pool in try await Transcript(of: pool.open(trustDomain: "t", script: script, start: .test())) }
        #expect(run.logs.count == table.count, "\(String(describing: run.last))", sourceLocation: sourceLocation)
        for (line, row) in zip(run.logs, table) { #expect(line == "log: " + row.json, "\(row.expression)", sourceLocation: sourceLocation) }
    }

    @Test func `addresses of the web are parsed as browsers do`() async throws {
        try await expect([
            ("new URL('HTTP://User:p%40ss@EXAMPLE.com:80/a/./b/../c d?x=1 2#f g').href", #""http://User:p%40ss@example.com/a/c%20d?x=1%202#f%20g""#),
            ("new URL('https://example.com').href", #""https://example.com/""#),
            ("new URL('../x?y#z', 'https://h/a/b/c').href", #""https://h/a/x?y#z""#),
            ("new URL('//other/p', 'https://h/a').href", #""https://other/p""#),
            ("new URL('?q', 'https://h/a/b?old').href", #""https://h/a/b?q""#),
            ("new URL('#f', 'https://h/a/b?old').href", #""https://h/a/b?old#f""#),
            ("new URL('/r', 'https://u:p@h:8443/a').href", #""https://u:p@h:8443/r""#),
            ("new URL('https://127.1/').hostname", #""127.0.0.1""#),
            ("new URL('https://0x7f000001/').hostname", #""127.0.0.1""#),
            ("new URL('https://2130706433/').hostname", #""127.0.0.1""#),
            ("new URL('https://[2001:DB8:0:0::1]/').hostname", #""[2001:db8::1]""#),
            ("new URL('https://[::ffff:1.2.3.4]/').hostname", #""[::ffff:102:304]""#),
            ("new URL('https:\\\\\\\\h\\\\p').href", #""https://h/p""#),
            ("new URL('https://h/%7Efoo/é').pathname", #""/%7Efoo/%C3%A9""#),
            ("new URL('https://ex%41mple.com/').host", #""example.com""#),
            ("new URL('https://h:443/').port", #""""#),
            ("new URL('https://h:99999/')", "TypeError"), ("new URL('nonsense')", "TypeError"), ("new URL('https://')", "TypeError"),
            ("new URL('https://a b/')", "TypeError"), ("new URL('https://256.0.0.1/')", "TypeError"), ("new URL('mailto:a@b')", "TypeError"),
            ("URL.canParse('https://h')", "true"), ("URL.canParse('h')", "false"),
            ("(() => { const u = new URL('https://h/p?a=1'); u.searchParams.append('b', 'x y&z'); u.hash = 'k'; u.port = '81'; return u.href })()",
             #""https://h:81/p?a=1&b=x+y%26z#k""#),
            ("(() => { const u = new URL('https://h/p'); u.pathname = 'a/../b c'; u.hostname = 'bad host'; return u.toString() })()",
             #""https://h/b%20c""#),
            ("JSON.stringify({u: new URL('https://h')})", #""{\"u\":\"https://h/\"}""#),
            ("new URL('https://h/p').origin", #""https://h""#),
        ])
    }

    @Test func `search parameters are read and written as forms are`() async throws {
        try await expect([
            ("new URLSearchParams('?a=1&b=%C3%A9+x&a=2&&c').getAll('a')", #"["1","2"]"#),
            ("new URLSearchParams('b=%C3%A9+x').get('b')", #""é x""#),
            ("new URLSearchParams({a: 'ä *~', b: 2}).toString()", #""a=%C3%A4+*%7E&b=2""#),
            ("[...new URLSearchParams([['x', '1'], ['y', '2']])]", #"[["x","1"],["y","2"]]"#),
            ("(() => { const p = new URLSearchParams('a=1&b=2&a=3'); p.set('a', 9); p.delete('b'); return `${p} ${p.size} ${p.has('a')}` })()",
             #""a=9 1 true""#),
            ("new URLSearchParams('x=%zz&y=%').toString()", #""x=%25zz&y=%25""#),
        ])
    }

    @Test func `text and bytes are converted as the standards say`() async throws {
        try await expect([
            ("[...new TextEncoder().encode('aé€😀\\ud800')]", "[97,195,169,226,130,172,240,159,152,128,239,191,189]"),
            ("new TextDecoder().decode(new Uint8Array([0xEF, 0xBB, 0xBF, 0xE2, 0x82, 0xAC, 0xF0, 0x9F, 0x98, 0x80]))", #""€😀""#),
            ("new TextDecoder().decode(new Uint8Array([0xE2, 0x82, 0x41, 0xC0, 0x80, 0xED, 0xA0, 0x80]))",
             "\"\u{FFFD}A\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\""),
            ("new TextDecoder('utf-8', {fatal: true}).decode(new Uint8Array([0xFF]))", "TypeError"),
            ("new TextDecoder('utf-16le')", "RangeError"),
            ("new TextEncoder().encodeInto('aé€', new Uint8Array(4))", #"{"read":2,"written":3}"#),
            ("[btoa(''), btoa('a'), btoa('ab'), btoa('abc'), btoa('\\xff')]", #"["","YQ==","YWI=","YWJj","/w=="]"#),
            ("[atob('YQ=='), atob('YWI'), atob(' Y W J j '), atob('/w==') === '\\xff']", #"["a","ab","abc",true]"#),
            ("btoa('€')", "InvalidCharacterError"), ("atob('a')", "InvalidCharacterError"), ("atob('a*==')", "InvalidCharacterError"),
        ])
    }

    @Test func `structured clones are deep and keep their kinds`() async throws {
        try await expect([
            ("(() => { const a = {b: [1, {c: 2}]}; const d = structuredClone(a); a.b[1].c = 3; return d })()", #"{"b":[1,{"c":2}]}"#),
            ("(() => { const a = {}; a.self = a; const b = structuredClone(a); return b.self === b && b !== a })()", "true"),
            ("structuredClone(new Date(5)).getTime()", "5"), ("[...structuredClone(new Map([[1, new Set([2])]])).get(1)]", "[2]"),
            ("[...structuredClone(new Uint8Array([1, 2]))]", "[1,2]"), ("structuredClone(() => 1)", "DataCloneError"),
        ])
    }

    @Test func `chance comes from the seed and stays in its range`() async throws {
        try await expect([
            ("[Math.random(), Math.random()].every((n) => n >= 0 && n < 1)", "true"), ("Math.random() === Math.random()", "false"),
            (#"/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID())"#, "true"),
            ("crypto.getRandomValues(new Uint32Array(4)).some((n) => n > 0)", "true"), ("crypto.getRandomValues(new Float64Array(1))", "TypeError"),
            ("crypto.getRandomValues([1])", "TypeError"),
            ("(() => { let sum = 0; for (let i = 0; i < 10000; i++) sum += Math.random(); return Math.abs(sum / 10000 - 0.5) < 0.02 })()", "true"),
        ])
    }

    @Test func `no way leads to the real clock`() async throws {
        try await expect([
            ("Date.now()", "1700000000000"), ("new Date()", #""2023-11-14T22:13:20.000Z""#), ("Date().startsWith('Tue Nov 14 2023')", "true"),
            ("new Date(0).toISOString()", #""1970-01-01T00:00:00.000Z""#), ("new Date(2020, 1, 3).getMonth()", "1"), ("performance.now()", "0"),
            ("new Intl.DateTimeFormat('en-US').format()", #""11/14/2023""#), ("new Intl.DateTimeFormat('en-US').formatToParts()[0].value", #""11""#),
            ("new Date().constructor === Date && new Date() instanceof Date", "true"), ("missing()", "ReferenceError"),
            ("(class extends Date {}).now()", "1700000000000"), ("new (class extends Date {})().getTime()", "1700000000000"),
            ("Object.prototype.toString.call(new Date())", #""[object Date]""#), ("Date.length", "7"),
        ])
    }

    @Test func `what the sandbox cannot offer is not there`() async throws {
        let names = ["WeakRef", "FinalizationRegistry", "WebAssembly", "Atomics", "SharedArrayBuffer", "process", "fetch", "Deno", "__filename"]
        try await expect(names.map { ("typeof \($0)", "\"undefined\"") })
    }

    @Test func `signals abort as they do elsewhere`() async throws {
        try await expect([
            ("(() => { const c = new AbortController(); let n = 0; c.signal.onabort = () => n++; c.abort(); c.abort(); "
                + "return [n, c.signal.aborted, c.signal.reason.name] })()",
             #"[1,true,"AbortError"]"#),
            ("(() => { const c = new AbortController(); c.abort('why'); c.signal.throwIfAborted() })()", #"undefined"#),
            ("AbortSignal.abort().aborted", "true"), ("new AbortSignal()", "TypeError"),
            ("new Promise((done) => { AbortSignal.timeout(5).onabort = function () { done(this.reason.name) } })", #""TimeoutError""#),
            ("new Promise((done) => queueMicrotask(() => done(1)))", "1"),
        ])
    }
}
