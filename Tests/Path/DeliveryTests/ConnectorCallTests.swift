import Delivery
import Domain
import LoopbackHTTPServer
import Testing
import Vocabulary

@Suite struct `Calling out from a workflow` {
    @Test func `a JSON answer is resolved with status, headers and body`() async throws {
        let body = #"{"id":9007199254740993,"text":"\ud800"}"#
        let server = try LoopbackHTTPServer { _ in .text(body, status: 201, type: "application/json; charset=utf-8") }
        let url = server.url("/orders")
        let outcome = try await withConnector { await $0.call("get", ["url": .string(url)]) }
        let result = try outcome.json
        #expect(result["status"]?.integer == 201)
        #expect(result["statusText"]?.string == "Test Reason")
        #expect(result["ok"]?.bool == true)
        #expect(result["headers"]?["content-type"]?.string == "application/json; charset=utf-8")
        guard case .value(let bytes) = outcome else { return }
        #expect(String(decoding: bytes, as: UTF8.self).contains(#""body":"# + body))
    }

    @Test(arguments: [400, 401, 404, 429, 500, 503, 304, 302])
    func `an unhappy status is resolved too`(status: Int) async throws {
        let server = try LoopbackHTTPServer { _ in .text("no", status: status) }
        let url = server.url()
        let result = try await withConnector { await $0.call("get", ["url": .string(url)]) }.json
        #expect(result["status"]?.integer == status)
        #expect(result["ok"]?.bool == false)
    }

    struct Body: Sendable {
        let type: String
        let bytes: [UInt8]
        let json: String
        var encoding: String?
    }

    @Test(arguments: [
        Body(type: "application/json", bytes: Array("[1, 2]".utf8), json: "[1,2]"),
        Body(type: "application/vnd.api+JSON", bytes: Array("null".utf8), json: "null"),
        Body(type: "application/json", bytes: Array("{oops".utf8), json: #""{oops""#),
        Body(type: "text/plain", bytes: Array("[1]".utf8), json: #""[1]""#),
        Body(type: "", bytes: Array("é\n".utf8), json: #""é\n""#),
        Body(type: "application/json", bytes: [], json: "null"),
        Body(type: "image/png", bytes: [0x89, 0x50, 0xFF], json: #""iVD/""#, encoding: "base64"),
        Body(type: "application/json", bytes: [0xFF], json: #""/w==""#, encoding: "base64"),
    ])
    func `a body becomes JSON, text or base64`(body: Body) async throws {
        let server = try LoopbackHTTPServer { _ in .response(status: 200, headers: [(name: "Content-Type", value: body.type)], body: body.bytes) }
        let url = server.url()
        let result = try await withConnector { await $0.call("get", ["url": .string(url)]) }.json
        #expect(result["body"]?.text == body.json)
        #expect(result["bodyEncoding"]?.string == body.encoding)
    }

    @Test func `repeated headers are joined and cookies listed`() async throws {
        let server = try LoopbackHTTPServer { _ in
            .response(
                status: 200,
                headers: [
                    (name: "X-A", value: "1"), (name: "x-a", value: "2"), (name: "Set-Cookie", value: "a=1, b"), (name: "Set-Cookie", value: "c=2"),
                ])
        }
        let url = server.url()
        let headers = try await withConnector { await $0.call("get", ["url": .string(url)]) }.json["headers"]
        #expect(headers?["x-a"]?.string == "1, 2")
        #expect(headers?["set-cookie"]?.text == #"["a=1, b","c=2"]"#)
    }

    @Test(arguments: [
        ("post", "POST"), ("put", "PUT"), ("patch", "PATCH"), ("delete", "DELETE"),
    ])
    func `a change carries its body and idempotency key`(action: String, method: String) async throws {
        let server = try LoopbackHTTPServer { _ in .text("ok") }
        let input: JSONValue = ["url": .string(server.url("/a?b=1")), "query": ["c": [1, true], "d": .null], "body": ["x": 1], "headers": ["X-A": 7]]
        _ = try await withConnector { await $0.call(action, input) }
        let request = try #require(server.requests.first)
        #expect(request.method == method)
        #expect(request.target == "/a?b=1&c=1&c=true")
        #expect(request.body == Array(#"{"x":1}"#.utf8))
        #expect(request.value("content-type") == "application/json")
        #expect(request.value("x-a") == "7")
        #expect(request.value("idempotency-key") == "run-7-call-3")
    }

    @Test func `the caller's own content type and idempotency key stand`() async throws {
        let server = try LoopbackHTTPServer { _ in .text("ok") }
        let input: JSONValue = [
            "url": .string(server.url()), "body": "a=1", "headers": ["content-type": "application/x-www-form-urlencoded", "idempotency-key": "mine"],
        ]
        _ = try await withConnector { await $0.call("post", input) }
        let request = try #require(server.requests.first)
        #expect(request.body == Array("a=1".utf8))
        #expect(request.values("content-type") == ["application/x-www-form-urlencoded"])
        #expect(request.values("idempotency-key") == ["mine"])
    }

    @Test func `reading carries no idempotency key`() async throws {
        let server = try LoopbackHTTPServer { _ in .text("ok") }
        let url = server.url()
        _ = try await withConnector { await $0.call("get", ["url": .string(url)]) }
        #expect(server.requests.first?.values("idempotency-key") == [])
    }

    @Test func `only reading is harmless to repeat`() async throws {
        try await withConnector { connector in
            for action in ["get", "head"] { #expect(connector.isIdempotent(connector: "http", action: action)) }
            for action in ["post", "put", "patch", "delete", "other"] { #expect(!connector.isIdempotent(connector: "http", action: action)) }
            #expect(!connector.isIdempotent(connector: "other", action: "get"))
        }
    }

    @Test(arguments: [
        (["url": 1], "url"), ([:], "url"), (["url": "ftp://example.com/"], "URL"), (["url": "http://user:s3cret@example.com/"], "URL"),
        (["url": "http://example.com/", "headers": []], "headers"), (["url": "http://example.com/", "headers": ["A": ["b": 1]]], "headers.A"),
        (["url": "http://example.com/", "headers": ["A\r\nB": "1"]], "header"), (["url": "http://example.com/", "headers": ["Host": "x"]], "Host"),
        (["url": "http://example.com/", "query": 1], "query"), (["url": "http://example.com/", "timeoutMs": 0], "timeoutMs"),
        (["url": "http://example.com/", "timeoutMs": "1"], "timeoutMs"), (["url": "http://example.com/", "connection": 1], "connection"),
        ("text", "url"),
    ] as [(JSONValue, String)])
    func `wrong arguments are refused with their name`(input: JSONValue, name: String) async throws {
        let failure = try #require(try await withConnector { await $0.call("get", input) }.failure)
        #expect(failure.hasPrefix("ConnectorError INVALID_REQUEST: "))
        #expect(failure.contains(name))
        #expect(!failure.contains("s3cret"))
    }

    @Test func `unknown connectors and actions are named`() async throws {
        try await withConnector { connector in
            #expect(await connector.call("get", [:], connector: "gmail").failure?.contains("UNKNOWN_CONNECTOR") == true)
            #expect(await connector.call("trace", [:]).failure?.contains("UNKNOWN_ACTION") == true)
        }
    }
}
