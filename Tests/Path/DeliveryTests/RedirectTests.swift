import Delivery
import Domain
import HTTPClientDriver
import LoopbackHTTPServer
import Testing
import Vocabulary

@Suite struct `Following redirects` {
    private static let connection = TestConnection(auth: .apiKey(header: "X-Key"), record: #"{"value":"key-12345"}"#)

    private func call(
        _ action: String, _ input: JSONValue, guardedBy: @escaping AddressPolicy = AddressGuard.openForTests
    ) async throws -> ActionOutcome {
        try await withConnector(guardedBy: guardedBy, connections: [Self.connection]) { await $0.call(action, input) }
    }

    private static func redirect(_ status: Int = 302, to location: String) -> LoopbackReply {
        .response(status: status, headers: [(name: "Location", value: location)])
    }

    @Test func `the same origin keeps the credentials`() async throws {
        let server = try LoopbackHTTPServer { $0.target == "/a" ? Self.redirect(to: "b?c=1") : .text("there") }
        let result = try await call("get", ["url": .string(server.url("/a")), "connection": "shop"]).json
        #expect(result["body"]?.string == "there")
        #expect(server.requests.map(\.target) == ["/a", "/b?c=1"])
        #expect(server.requests.map { $0.value("x-key") } == ["key-12345", "key-12345"])
    }

    @Test func `another origin gets neither credentials nor the caller's headers`() async throws {
        let other = try LoopbackHTTPServer { _ in .text("there") }
        let target = other.url("/taken")
        let server = try LoopbackHTTPServer { _ in Self.redirect(307, to: target) }
        let headers: JSONValue = ["Cookie": "a=1", "X-Own-Token": "t", "Accept": "text/plain", "Authorization": "Bearer b"]
        _ = try await call("post", ["url": .string(server.url()), "connection": "shop", "headers": headers, "body": ["x": 1]])
        let request = try #require(other.requests.first)
        for name in ["x-key", "cookie", "x-own-token", "authorization", "idempotency-key"] { #expect(request.values(name) == []) }
        #expect(request.value("accept") == "text/plain")
        #expect(request.body == Array(#"{"x":1}"#.utf8))
    }

    @Test(arguments: [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")])
    func `a redirected post keeps or loses its body as its status says`(status: Int, method: String) async throws {
        let server = try LoopbackHTTPServer { $0.target == "/a" ? Self.redirect(status, to: "/b") : .text("there") }
        _ = try await call("post", ["url": .string(server.url("/a")), "body": "x"])
        let last = try #require(server.requests.last)
        #expect(last.method == method)
        #expect(last.body == Array((method == "POST" ? "x" : "").utf8))
        #expect((last.value("content-type") == nil) == (method == "GET"))
    }

    @Test func `a loop ends after five hops`() async throws {
        let server = try LoopbackHTTPServer { _ in Self.redirect(to: "/again") }
        #expect(try await call("get", ["url": .string(server.url())]).failure?.contains("REDIRECT_REFUSED") == true)
        #expect(server.requests.count == 6)
    }

    @Test func `a redirect to a private address is refused like a call to it`() async throws {
        let server = try #require(AddressRange("127.0.0.1"))
        let policy: AddressPolicy = { server.contains($0) || AddressGuard().permits($0) }
        for target in ["http://127.0.0.2/", "http://169.254.169.254/latest", "http://[::1]/", "http://0/", "http://2130706434/"] {
            let server = try LoopbackHTTPServer { _ in Self.redirect(to: target) }
            let outcome = try await call("get", ["url": .string(server.url())], guardedBy: policy)
            #expect(outcome.failure?.contains("ADDRESS_REFUSED") == true, "\(target)")
        }
    }

    @Test(arguments: ["file:///etc/passwd", "gopher://127.0.0.1/", "http://user:password@127.0.0.1/", "http://[/"])
    func `a redirect out of the web is refused`(target: String) async throws {
        let server = try LoopbackHTTPServer { _ in Self.redirect(to: target) }
        #expect(try await call("get", ["url": .string(server.url())]).failure?.contains("REDIRECT_REFUSED") == true)
    }

    @Test(arguments: [22, 25, 4222, 5432, 6379])
    func `a port of another service is refused`(port: Int) async throws {
        #expect(try await call("get", ["url": .string("http://127.0.0.1:\(port)/")]).failure?.contains("ADDRESS_REFUSED") == true)
        let server = try LoopbackHTTPServer { _ in Self.redirect(to: "http://127.0.0.1:\(port)/") }
        #expect(try await call("get", ["url": .string(server.url())]).failure?.contains("ADDRESS_REFUSED") == true)
    }

    @Test func `all hops share one deadline`() async throws {
        let server = try LoopbackHTTPServer { $0.target == "/a" ? Self.redirect(to: "/b") : .silence }
        let outcome = try await call("get", ["url": .string(server.url("/a")), "timeoutMs": 500])
        #expect(outcome.failure?.contains("TIMED_OUT") == true)
    }
}
