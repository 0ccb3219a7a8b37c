import Delivery
import LoopbackHTTPServer
import Testing
import Vocabulary

@Suite struct `Refusing what a workflow must not reach` {
    @Test(arguments: [
        "127.0.0.1", "localhost", "0x7f.0.0.1", "0177.0.0.1", "2130706433", "127.1", "0", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]",
    ])
    func `this machine is refused in every spelling`(host: String) async throws {
        let server = try LoopbackHTTPServer { _ in .text("secret") }
        let url = server.url(host: host)
        let failure = try await withConnector(guardedBy: AddressGuard().permits) { await $0.call("get", ["url": .string(url)]) }.failure
        #expect(failure?.hasPrefix("ConnectorError ADDRESS_REFUSED") == true, "\(failure ?? "none")")
        #expect(server.connectionCount == 0)
    }

    @Test func `a failure of the network is an error with a code`() async throws {
        try await withConnector { connector in
            let failure = await connector.call("get", ["url": "http://does-not-exist.invalid/"]).failure
            #expect(failure?.hasPrefix("ConnectorError NAME_NOT_RESOLVED: ") == true)
        }
    }

    @Test func `the shorter of the two timeouts holds`() async throws {
        let server = try LoopbackHTTPServer { _ in .silence }
        let input: JSONValue = ["url": .string(server.url()), "timeoutMs": 60_000]
        let failure = try await withConnector { await $0.call("get", input, timeout: .milliseconds(300)) }.failure
        #expect(failure?.contains("TIMED_OUT") == true)
    }

    @Test func `a response over the limit is refused`() async throws {
        let server = try LoopbackHTTPServer { _ in .response(status: 200, body: [UInt8](repeating: 1, count: 1001)) }
        var configuration = HTTPConnector.Configuration()
        configuration.maximumResponseBytes = 1000
        let url = server.url()
        let failure = try await withConnector(configuration: configuration) { await $0.call("get", ["url": .string(url)]) }.failure
        #expect(failure?.contains("RESPONSE_TOO_LARGE") == true)
    }
}
