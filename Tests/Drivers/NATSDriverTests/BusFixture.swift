import Glibc
import LocalServers
import Logging
import Testing

@testable import NATSDriver

/// A nats-server of one test in a folder of its own, and connections to it.
struct Bus {
    static let quiet = Logger(label: "nats-driver-tests") { _ in SwiftLogNoOpLogHandler() }

    let folder: String
    let server: PrivateNATS
    let endpoint: PrivateNATS.Endpoint
    let connection: NATSConnection

    /// Runs `body` against a fresh server and removes everything afterwards.
    static func with(
        publishTimeout: Duration = .seconds(5), window: Int = 4096, _ body: (Bus) async throws -> Void
    ) async throws {
        var template = Array("/tmp/nats-driver-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        chmod(folder, 0o755)
        let server = PrivateNATS(configuration: .init(dataFolder: folder), logger: quiet)
        let endpoint = try await server.start()
        let connection = try NATSConnection(
            configuration: .init(
                url: endpoint.url, name: "test", publishTimeout: publishTimeout, reconnectDelay: .milliseconds(20), publishWindow: window),
            logger: quiet)
        try await connection.connect()
        let bus = Bus(folder: folder, server: server, endpoint: endpoint, connection: connection)
        do {
            try await body(bus)
        } catch {
            await bus.end()
            throw error
        }
        await bus.end()
    }

    private func end() async {
        await connection.close()
        await server.stop()
        system("rm -rf '\(folder)'")
    }

    /// Kills the server, deletes all it stored and starts another on the same port.
    func replaceServerAndWipeStore() async throws -> PrivateNATS {
        await server.stop()
        system("rm -rf '\(endpoint.storeFolder)'")
        let replacement = PrivateNATS(configuration: .init(dataFolder: folder, port: endpoint.port), logger: Self.quiet)
        _ = try await replacement.start()
        return replacement
    }

    static let stream = NATSStream(name: "WORK", subjects: ["work.>"], maxAge: .seconds(600), maxBytes: 64 * 1024 * 1024)

    static func consumer(ackWait: Duration = .seconds(30), maxAckPending: Int = 1000) -> NATSConsumer {
        NATSConsumer(stream: "WORK", durable: "readers", filter: "work.>", ackWait: ackWait, maxAckPending: maxAckPending, maxDeliver: 10)
    }
}

/// Gives way until `condition` holds; answers whether it did within half a minute.
func eventually(_ condition: () -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < deadline {
        if condition() { return true }
        await Task.yield()
    }
    return condition()
}

/// The bus error a call ends with, or `nil` when it succeeds or fails otherwise.
func failure(of call: () async throws -> [NATSMessage]) async -> NATSError? {
    do {
        _ = try await call()
        return nil
    } catch {
        return error as? NATSError
    }
}

extension [NATSMessage] {
    var texts: [String] { map { String(decoding: $0.payload, as: UTF8.self) } }
}
