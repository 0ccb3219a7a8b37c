import Glibc
import HTTPClientDriver
import LoopbackHTTPServer
import Testing

@Suite struct `Exchanging requests and responses` {
    @Test func `a response comes back whole`() async throws {
        let server = try LoopbackHTTPServer { _ in
            .response(status: 418, headers: [(name: "X-One", value: "1"), (name: "x-one", value: "2")], body: [0, 255, 10])
        }
        let response = try await withClient { try await $0.send(get(server.url())) }
        #expect(response.status == 418)
        #expect(response.reason == "Test Reason")
        #expect(response.headers.filter { $0.name.lowercased() == "x-one" }.map(\.value) == ["1", "2"])
        #expect(response.header("x-ONE") == "1")
        #expect(response.body == [0, 255, 10])
    }

    @Test(arguments: ["GET", "POST", "PUT", "PATCH", "DELETE"])
    func `method, path, headers and body arrive as given`(method: String) async throws {
        let server = try LoopbackHTTPServer { _ in .response(status: 200) }
        let url = try HTTPURL(parsing: server.url("/a%2Fb?c=d"))
        let body = (0...255).map(UInt8.init)
        let request = OutboundRequest(
            method: method, url: url, headers: [(name: "X-Test", value: "é: ;,"), (name: "X-Empty", value: "")], body: body)
        _ = try await withClient { try await $0.send(request) }
        let received = try #require(server.requests.first)
        #expect(received.method == method)
        #expect(received.target == "/a%2Fb?c=d")
        #expect(received.body == body)
        #expect(received.value("x-test") == "é: ;,")
        #expect(received.value("x-empty") == "")
        #expect(received.value("user-agent") == "fastn")
        #expect(received.values("expect").isEmpty)
        #expect(received.values("content-type").isEmpty)
    }

    @Test(arguments: [("GET", nil), ("DELETE", nil), ("POST", "0"), ("PUT", "0")] as [(String, String?)])
    func `a request without a body is framed as its method needs`(method: String, length: String?) async throws {
        let server = try LoopbackHTTPServer { _ in .response(status: 200) }
        let request = OutboundRequest(method: method, url: try HTTPURL(parsing: server.url()))
        _ = try await withClient { try await $0.send(request) }
        #expect(server.requests.first?.value("content-length") == length)
    }

    @Test func `a response to HEAD has no body`() async throws {
        let server = try LoopbackHTTPServer { _ in .text("not sent") }
        let request = OutboundRequest(method: "HEAD", url: try HTTPURL(parsing: server.url()))
        let response = try await withClient { try await $0.send(request) }
        #expect(response.status == 200)
        #expect(response.body.isEmpty)
    }

    @Test func `a redirect is a response like others`() async throws {
        let server = try LoopbackHTTPServer { _ in .response(status: 302, headers: [(name: "Location", value: "/b")]) }
        let response = try await withClient { try await $0.send(get(server.url("/a"))) }
        #expect(response.status == 302)
        #expect(response.header("location") == "/b")
        #expect(server.requests.count == 1)
    }

    @Test func `an interim response is not the response`() async throws {
        let server = try LoopbackHTTPServer { _ in
            .bytes(Array("HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nX-Real: 1\r\nContent-Length: 2\r\n\r\nok".utf8))
        }
        let response = try await withClient { try await $0.send(get(server.url())) }
        #expect(response.status == 200)
        #expect(response.header("link") == nil)
        #expect(response.header("x-real") == "1")
        #expect(response.body == Array("ok".utf8))
    }

    @Test func `a hundred requests at once get their own responses`() async throws {
        let server = try LoopbackHTTPServer { .text($0.target) }
        let bodies = try await withClient { client in
            try await withThrowingTaskGroup(of: (Int, String).self) { group in
                for index in 0..<100 {
                    group.addTask { (index, String(decoding: try await client.send(get(server.url("/\(index)"))).body, as: UTF8.self)) }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
        }
        #expect(bodies.count == 100)
        #expect(bodies.allSatisfy { $0.value == "/\($0.key)" })
    }

    @Test func `a connection serves the next request too`() async throws {
        let server = try LoopbackHTTPServer { _ in .text("ok") }
        try await withClient { client in
            for _ in 0..<5 { _ = try await client.send(get(server.url())) }
        }
        #expect(server.connectionCount == 1)
    }

    @Test func `a request that may not be repeated gets a fresh connection`() async throws {
        let server = try LoopbackHTTPServer { _ in .text("ok") }
        let url = try HTTPURL(parsing: server.url())
        try await withClient { client in
            for _ in 0..<3 { _ = try await client.send(OutboundRequest(method: "POST", url: url)) }
            #expect(server.connectionCount == 3)
            let keyed = OutboundRequest(method: "POST", url: url, headers: [(name: "Idempotency-Key", value: "1")])
            _ = try await client.send(keyed)
            #expect(server.connectionCount == 3)
        }
    }

    @Test func `the environment's proxy is not used`() async {
        // In a process of its own, because the environment belongs to all tests.
        await #expect(processExitsWith: .success) {
            setenv("http_proxy", "http://127.0.0.1:1", 1)
            setenv("ALL_PROXY", "http://127.0.0.1:1", 1)
            let server = try LoopbackHTTPServer { _ in .text("direct") }
            let response = try await withClient { try await $0.send(get(server.url())) }
            #expect(response.body == Array("direct".utf8))
        }
    }
}
