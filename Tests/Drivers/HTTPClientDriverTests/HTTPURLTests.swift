import HTTPClientDriver
import Testing

@Suite struct `Parsing URLs` {
    @Test(arguments: [
        ("http://example.com", "http://example.com/", "example.com", 80),
        ("HTTPS://Example.COM:8443/A?b=c#d", "https://Example.COM:8443/A?b=c", "example.com", 8443),
        ("https://[::1]/x", "https://[::1]/x", "[::1]", 443),
        ("http://0x7f.1/", "http://127.0.0.1/", "127.0.0.1", 80),
        ("http://2130706433/", "http://127.0.0.1/", "127.0.0.1", 80),
        ("http://017700000001/", "http://127.0.0.1/", "127.0.0.1", 80),
        ("http://example.com/a b?c=d e", "http://example.com/a%20b?c=d+e", "example.com", 80),
        ("http:///example.com", "http://example.com/", "example.com", 80),
        ("http://example.com/../../etc/passwd", "http://example.com/etc/passwd", "example.com", 80),
    ])
    func `a lawful URL is normalised`(text: String, normal: String, host: String, port: Int) throws {
        let url = try HTTPURL(parsing: text)
        #expect(url.text == normal)
        #expect(url.host == host)
        #expect(Int(url.port) == port)
    }

    @Test(arguments: [
        "", "example.com", "/path", "//example.com", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com", "data:,x",
        "unix:///run/x", "javascript:alert(1)", "http://", "http://user@example.com/", "http://user:password@example.com/",
        "http://@example.com/", "http://example.com:0/", "http://example.com:65536/", "http://example.com:x/", "http://exa mple.com/",
        "http://example.com\r\nHost: evil/", "http://example.com/\u{0}", "http://example.com/\n", "http://[::1", "http://[g::1]/",
        "http://example.com/" + String(repeating: "a", count: 8192),
    ])
    func `anything else is refused`(text: String) {
        #expect(throws: HTTPClientError(.malformedURL)) { try HTTPURL(parsing: text) }
    }

    @Test(arguments: [
        ("/b", "http://example.com/b"), ("c", "http://example.com/a/c"), ("?d", "http://example.com/a/x?d"),
        ("https://other.example/", "https://other.example/"), ("//other.example/e", "http://other.example/e"),
    ])
    func `a redirect's target is resolved`(reference: String, target: String) throws {
        #expect(try HTTPURL(parsing: "http://example.com/a/x").resolving(reference).text == target)
    }

    @Test(arguments: ["file:///etc/passwd", "http://user:password@example.com/", "gopher://x/"])
    func `a redirect to something else is refused`(reference: String) throws {
        let url = try HTTPURL(parsing: "http://example.com/")
        #expect(throws: HTTPClientError(.malformedURL)) { try url.resolving(reference) }
    }

    @Test func `query pairs are encoded behind the query`() throws {
        let url = try HTTPURL(parsing: "http://example.com/?a=1").appending(query: [(name: "b=&", value: "c d+é/"), (name: "e", value: "")])
        #expect(url.text == "http://example.com/?a=1&b%3d%26=c%20d%2b%c3%a9%2f&e=")
    }

    @Test func `an origin is scheme, host and port`() throws {
        let url = try HTTPURL(parsing: "https://example.com/a")
        #expect(url.hasSameOrigin(as: try HTTPURL(parsing: "https://EXAMPLE.com:443/b")))
        #expect(!url.hasSameOrigin(as: try HTTPURL(parsing: "http://example.com/a")))
        #expect(!url.hasSameOrigin(as: try HTTPURL(parsing: "https://example.com:8443/a")))
        #expect(!url.hasSameOrigin(as: try HTTPURL(parsing: "https://api.example.com/a")))
    }
}
