import Glibc
import Logging
import Testing

@testable import LocalServers

/// A data folder of one test, deleted with all in it when the test is over.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/local-servers-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        // Servers run as another account when the tests run as root.
        chmod(path, 0o755)
    }

    deinit { Files.removeTree(path) }
}

/// The longest a condition is waited for; only a failing test takes it.
let patience: Duration = .seconds(40)

let quiet = Logger(label: "local-servers-tests") { _ in SwiftLogNoOpLogHandler() }

func testPostgres(
    in folder: TemporaryFolder, port: Int = 0, durability: PrivatePostgres.Configuration.Durability = .none
) -> PrivatePostgres {
    PrivatePostgres(configuration: .init(dataFolder: folder.path + "/postgres", port: port, durability: durability), logger: quiet)
}

func testNATS(in folder: TemporaryFolder, port: Int = 0) -> PrivateNATS {
    PrivateNATS(configuration: .init(dataFolder: folder.path + "/nats", port: port), logger: quiet)
}

/// Runs statements with psql; answers what it printed, or `nil` when it failed.
func psql(_ endpoint: PrivatePostgres.Endpoint, _ statement: String, in folder: TemporaryFolder) async throws -> String? {
    let output = folder.path + "/psql-\(UInt64.random(in: 0 ... .max))"
    let words = ["/usr/bin/psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement, endpoint.connectionString]
    let child = try ChildProcess.start(Command(words: words, workingFolder: "/", logFile: output))
    _ = await child.ended()
    return child.succeeded ? Files.read(output) : nil
}

/// Asks again until psql answers; each question is a process of its own, so this does not spin.
func psqlEventually(_ endpoint: PrivatePostgres.Endpoint, _ statement: String, in folder: TemporaryFolder) async throws -> String? {
    let deadline = ContinuousClock.now + patience
    while ContinuousClock.now < deadline {
        if let answer = try await psql(endpoint, statement, in: folder) { return answer }
    }
    return nil
}

/// Starts a server and drops its handle, which frees the folder and leaves the server: what a killed parent does.
func startAndAbandon(in folder: TemporaryFolder, _ start: () async throws -> Void) async throws {
    try await start()
    let names = Files.names(in: folder.path)
    // The thread that started the server may hold the handle a moment longer than its caller; a refusal (try?) means just that.
    let isFree = await eventually { names.allSatisfy { (try? FolderLock.take(folder: folder.path + "/" + $0)) != nil } }
    try #require(isFree)
}

/// The process that a data folder's pid file names.
func recordedProcess(_ dataFolder: String) throws -> ProcessIdentity {
    let record = try #require(Files.read(dataFolder + "/pid"))
    return try #require(ProcessIdentity(record: record))
}

/// Whether something accepts connections on a loopback port.
func accepts(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}

/// Gives way until `condition` holds or patience ends; answers whether it held.
func eventually(_ condition: () -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + patience
    while ContinuousClock.now < deadline {
        if condition() { return true }
        await Task.yield()
    }
    return condition()
}
