import Foundation
import HTTPClientDriver
import LoopbackHTTPServer
import Synchronization
import Testing

@Suite struct `Failing exchanges` {
    private func code(
        _ url: String, timeout: Duration = .seconds(10), policy: @escaping AddressPolicy = { _ in true }
    ) async throws -> HTTPClientError.Code? {
        let request = try get(url, timeout: timeout)
        return try await withClient(policy: policy) { client in
            do throws(HTTPClientError) {
                _ = try await client.send(request)
                return nil
            } catch {
                return error.code
            }
        }
    }

    @Test func `a refused address is never connected to`() async throws {
        let server = try LoopbackHTTPServer { _ in .text("secret") }
        for host in ["127.0.0.1", "localhost", "0x7f.1"] {
            #expect(try await code(server.url(host: host), policy: { _ in false }) == .refusedAddress)
        }
        #expect(server.connectionCount == 0)
    }

    @Test func `the policy is asked with the numeric address and port`() async throws {
        let server = try LoopbackHTTPServer { _ in .text("ok") }
        let asked = Mutex<[PeerAddress]>([])
        let response = try await withClient(policy: { peer in
            asked.withLock { $0.append(peer) }
            return peer.octets.count == 4
        }) { try await $0.send(get(server.url(host: "localhost"))) }
        #expect(response.status == 200)
        #expect(asked.withLock { $0 }.contains(try #require(PeerAddress("127.0.0.1", port: server.port))))
    }

    @Test func `an unknown name has no address`() async throws {
        #expect(try await code("http://does-not-exist.invalid/") == .resolutionFailed)
    }

    @Test func `a closed port refuses the connection`() async throws {
        var server: LoopbackHTTPServer? = try LoopbackHTTPServer { _ in .bytes([]) }
        let url = try #require(server).url()
        // One connection makes sure that the accepting thread is past its start before the listener goes.
        _ = try await code(url)
        await server?.untilDisconnects(1)
        server = nil
        let code = try await code(url)
        #expect(code == .connectFailed || code == .incompleteResponse)
    }

    @Test func `a silent server times out`() async throws {
        let server = try LoopbackHTTPServer { _ in .silence }
        #expect(try await code(server.url(), timeout: .milliseconds(500)) == .timedOut)
    }

    @Test func `a stalled body times out`() async throws {
        let server = try LoopbackHTTPServer { _ in .stalled(after: Array("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx".utf8)) }
        #expect(try await code(server.url(), timeout: .milliseconds(500)) == .timedOut)
    }

    @Test func `a server that speaks no TLS fails the handshake`() async throws {
        let server = try LoopbackHTTPServer(greeting: Array("220 hello\r\n".utf8)) { _ in .bytes([]) }
        #expect(try await code("https://127.0.0.1:\(server.port)/") == .tlsFailed)
    }

    @Test(arguments: ["", "garbage\r\n\r\n", "HTTP/0.9\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"])
    func `a response that is none or cut short is incomplete`(bytes: String) async throws {
        let server = try LoopbackHTTPServer { _ in .bytes(Array(bytes.utf8)) }
        #expect(try await code(server.url()) == .incompleteResponse)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 200 OK\r\n",
    ])
    func `an endless response is cut off`(head: String) async throws {
        let fill = String(repeating: "x", count: 65536)
        let chunk = head.contains("chunked") ? "10000\r\n\(fill)\r\n" : "X-Fill: \(fill.prefix(1000))\r\n"
        let server = try LoopbackHTTPServer { _ in .endless(head: Array(head.utf8), chunk: Array(chunk.utf8)) }
        #expect(try await code(server.url()) == .responseTooLarge)
        await server.untilDisconnects(1)
    }

    @Test func `a body of exactly the limit is taken and one byte more is not`() async throws {
        let server = try LoopbackHTTPServer { .response(status: 200, body: [UInt8](repeating: 1, count: $0.target == "/fits" ? 100 : 101)) }
        try await withClient { client in
            var request = try get(server.url("/fits"))
            request.maximumResponseBytes = 100
            #expect(try await client.send(request).body.count == 100)
            request.url = try HTTPURL(parsing: server.url("/more"))
            await #expect(throws: HTTPClientError(.responseTooLarge, requestMayHaveBeenSent: true)) { try await client.send(request) }
        }
    }

    /// 100,000 zeros, compressed to about 130 bytes.
    @Test(arguments: [(100_000, true), (99_999, false)])
    func `a compressed body is measured after decompression`(limit: Int, fits: Bool) async throws {
        let compressed = try #require(Data(base64Encoded: Self.compressedZeros))
        let server = try LoopbackHTTPServer { _ in
            .response(status: 200, headers: [(name: "Content-Encoding", value: "gzip")], body: Array(compressed))
        }
        var request = try get(server.url())
        request.maximumResponseBytes = limit
        let bounded = request
        try await withClient { client in
            do throws(HTTPClientError) {
                #expect(try await client.send(bounded).body.count == 100_000)
                #expect(fits)
            } catch {
                #expect(error.code == .responseTooLarge)
                #expect(!fits)
            }
        }
    }

    private static let compressedZeros =
        """
        H4sIAAAAAAACA+3BMQEAAADCoPVPbQ0PoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIBXA32VEdSghgEA
        """

    @Test func `an error says whether the request may have been sent`() async throws {
        let server = try LoopbackHTTPServer { _ in .bytes([]) }
        try await withClient { client in
            await #expect(throws: HTTPClientError(.incompleteResponse, requestMayHaveBeenSent: true)) { try await client.send(get(server.url())) }
            await #expect(throws: HTTPClientError(.resolutionFailed, requestMayHaveBeenSent: false)) {
                try await client.send(get("http://does-not-exist.invalid/"))
            }
        }
    }

    @Test(arguments: [
        ("X-A\r\nX-B", "1"), ("X-A", "1\r\nX-B: 2"), ("X-A", "1\n2"), ("X-A", "1\u{0}2"), ("", "1"), ("X A", "1"), ("X-A:", "1"),
        ("Host", "other.example"), ("content-length", "5"), ("Transfer-Encoding", "chunked"), ("Connection", "close"),
    ])
    func `a header that would change the message is refused`(name: String, value: String) async throws {
        let server = try LoopbackHTTPServer { _ in .text("ok") }
        var request = try get(server.url())
        request.headers = [(name: name, value: value)]
        let refused = request
        try await withClient { client in
            do throws(HTTPClientError) {
                _ = try await client.send(refused)
                Issue.record("the header was sent")
            } catch {
                #expect(error.code == .invalidHeader)
                #expect(!error.description.contains("\n"))
            }
        }
        #expect(server.requests.isEmpty)
    }

    @Test(arguments: ["", "get", "GET /other", "GET\r\n", "G\u{0}T"])
    func `a method that is no word is refused`(method: String) async throws {
        let request = OutboundRequest(method: method, url: try HTTPURL(parsing: "http://example.com/"))
        try await withClient { client in
            await #expect(throws: HTTPClientError(.invalidMethod)) { try await client.send(request) }
        }
    }

    @Test(arguments: HTTPClientError.Code.allCases)
    func `every error explains itself`(code: HTTPClientError.Code) {
        #expect(HTTPClientError(code).description.count > 20)
    }
}
