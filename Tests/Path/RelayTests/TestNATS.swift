import Glibc
import Logging
import NATSDriver
import Synchronization
import Testing

@testable import LocalServers

let quiet = Logger(label: "relay-tests") { _ in SwiftLogNoOpLogHandler() }

/// A nats-server of one test and a connection to it.
final class TestNATS: Sendable {
    let connection: NATSConnection
    private let folder: String
    private let storeFolder: String
    private let server: Mutex<PrivateNATS>

    fileprivate init(folder: String) async throws {
        self.folder = folder
        let first = PrivateNATS(configuration: .init(dataFolder: folder + "/nats"), logger: quiet)
        server = Mutex(first)
        let endpoint = try await first.start()
        storeFolder = endpoint.storeFolder
        connection = try NATSConnection(configuration: .init(url: endpoint.url, name: "relay-tests"), logger: quiet)
        try await connection.connect()
    }

    /// Stops the server, deletes all it kept, and starts it again on the same port.
    func wipe() async throws {
        await server.withLock { $0 }.stop()
        Files.removeTree(storeFolder)
        let next = PrivateNATS(configuration: .init(dataFolder: folder + "/nats"), logger: quiet)
        server.withLock { $0 = next }
        _ = try await next.start()
    }

    fileprivate func stop() async {
        await connection.close()
        await server.withLock { $0 }.stop()
    }
}

/// Runs a test beside a server of its own.
func withNATS(_ body: (TestNATS) async throws -> Void) async throws {
    var template = Array("/tmp/relay-tests-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    // The server runs as another account when the tests run as root.
    chmod(folder, 0o755)
    defer { Files.removeTree(folder) }
    let nats = try await TestNATS(folder: folder)
    do {
        try await body(nats)
    } catch {
        await nats.stop()
        throw error
    }
    await nats.stop()
}
