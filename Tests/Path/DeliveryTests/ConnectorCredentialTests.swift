import Delivery
import Domain
import LoopbackHTTPServer
import Testing
import Vocabulary

@Suite struct `Using a connection's credentials` {
    static let connections = [
        TestConnection(name: "bearer", auth: .bearer, record: #"{"token":"tok-12345"}"#),
        TestConnection(name: "key", auth: .apiKey(header: "X-Shop-Key"), record: #"{"value":"key-12345"}"#),
        TestConnection(name: "basic", auth: .basic, record: #"{"username":"user","password":"pässword"}"#),
        TestConnection(name: "none", auth: .none, record: "{}"),
    ]

    @Test(arguments: [
        ("bearer", "authorization", "Bearer tok-12345"), ("key", "x-shop-key", "key-12345"), ("basic", "authorization", "Basic dXNlcjpww6Rzc3dvcmQ="),
    ])
    func `they are put into the request`(name: String, header: String, value: String) async throws {
        let server = try LoopbackHTTPServer { _ in .text("ok") }
        let input: JSONValue = ["url": .string(server.url()), "connection": .string(name)]
        _ = try await withConnector(connections: Self.connections) { await $0.call("get", input) }
        #expect(server.requests.first?.value(header) == value)
    }

    @Test func `a connection without credentials sends none`() async throws {
        let server = try LoopbackHTTPServer { _ in .text("ok") }
        let input: JSONValue = ["url": .string(server.url()), "connection": "none"]
        let result = try await withConnector(connections: Self.connections) { await $0.call("get", input) }.json
        #expect(result["ok"]?.bool == true)
        #expect(server.requests.first?.values("authorization") == [])
    }

    /// Some services answer with the request they got.
    @Test(arguments: ["bearer", "key", "basic"])
    func `an echo of them does not reach the workflow`(name: String) async throws {
        let server = try LoopbackHTTPServer { request in
            let sent = request.fields.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
            return .response(
                status: 200, headers: [(name: "Content-Type", value: "application/json"), (name: "X-Echo", value: sent)],
                body: JSONValue.object(["sent": .string(sent), "again": .string(sent), "password": "pässword"]).encoded)
        }
        let input: JSONValue = ["url": .string(server.url()), "connection": .string(name)]
        let outcome = try await withConnector(connections: Self.connections) { await $0.call("get", input) }
        let text = try outcome.json.text
        #expect(text.contains("[redacted]"))
        for secret in ["tok-12345", "key-12345", "dXNlcjpww6Rzc3dvcmQ="] { #expect(!text.contains(secret)) }
        if name == "basic" { #expect(!text.contains("pässword")) }
    }

    @Test func `a header of the caller does not compete with them`() async throws {
        let input: JSONValue = ["url": "http://127.0.0.1/", "connection": "bearer", "headers": ["authorization": "Bearer other"]]
        let failure = try await withConnector(connections: Self.connections) { await $0.call("get", input) }.failure
        #expect(failure?.contains("INVALID_REQUEST: headers.Authorization") == true)
    }

    @Test func `an unknown connection is named`() async throws {
        let input: JSONValue = ["url": "http://127.0.0.1/", "connection": "nope"]
        let failure = try await withConnector { await $0.call("get", input) }.failure
        #expect(failure?.contains(#"UNKNOWN_CONNECTION: there is no connection named "nope""#) == true)
    }

    static let incomplete: [(ConnectionAuth, String)] = [
        (.bearer, "{}"), (.bearer, "no json"), (.basic, #"{"username":"u"}"#), (.apiKey(header: "X"), #"{"value":""}"#),
    ]

    @Test(arguments: incomplete)
    func `a record that lacks them is reported without its content`(auth: ConnectionAuth, record: String) async throws {
        let input: JSONValue = ["url": "http://127.0.0.1/", "connection": "shop"]
        let failure = try await withConnector(connections: [TestConnection(auth: auth, record: record)]) { await $0.call("get", input) }.failure
        #expect(failure?.contains("CREDENTIALS_UNAVAILABLE") == true)
        #expect(failure?.contains("no json") == false)
    }

    @Test(arguments: [
        (["127.0.0.1"], true), (["api.example.com", "127.0.0.1"], true), (["api.example.com"], false), (["*.0.1"], true), (["*.example.com"], false),
        (["127.0.0.1:1"], false), (["27.0.0.1"], false), ([], true),
    ])
    func `they go to the connection's hosts only`(hosts: [String], isAllowed: Bool) async throws {
        let server = try LoopbackHTTPServer { _ in .text("ok") }
        let connection = TestConnection(auth: .bearer, record: #"{"token":"tok-12345"}"#, allowedHosts: hosts)
        let input: JSONValue = ["url": .string(server.url()), "connection": "shop"]
        let outcome = try await withConnector(connections: [connection]) { await $0.call("get", input) }
        #expect(outcome.failure?.contains("HOST_NOT_ALLOWED") ?? false == !isAllowed)
        #expect(server.requests.count == (isAllowed ? 1 : 0))
    }

    @Test func `a host may be named with its port`() async throws {
        let server = try LoopbackHTTPServer { _ in .text("ok") }
        let connection = TestConnection(auth: .bearer, record: #"{"token":"tok-12345"}"#, allowedHosts: ["127.0.0.1:\(server.port)"])
        let input: JSONValue = ["url": .string(server.url()), "connection": "shop"]
        #expect(try await withConnector(connections: [connection]) { await $0.call("get", input) }.failure == nil)
    }
}
