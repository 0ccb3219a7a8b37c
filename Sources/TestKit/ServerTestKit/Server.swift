import Glibc
package import ProcessTestKit
package import Vocabulary

/// A `fastn serve` that serves, with a Postgres and a NATS of its own, on a free port.
package final class Server: Sendable {
    package let folder: ScratchFolder
    package let program: FastnProcess
    /// What `ready.json` says.
    package let ready: JSONValue

    private init(_ folder: ScratchFolder, _ program: FastnProcess, _ ready: JSONValue) {
        self.folder = folder
        self.program = program
        self.ready = ready
    }

    /// Starts a server on the data in `folder` and waits until it says that it serves.
    package static func start(
        in folder: ScratchFolder? = nil, environment: [String: String] = [:], arguments: [String] = [], within limit: Duration = .seconds(120)
    ) async throws -> Server {
        let folder = try folder ?? ScratchFolder()
        // Of a server that was killed: it says nothing of the new one.
        Files.remove(readyPath(in: folder))
        let settings = ["FASTN_LISTEN": "127.0.0.1:0", "FASTN_LOG": "warning"].merging(environment) { $1 }
        let program = try FastnProcess(["serve"] + arguments, environment: settings, in: folder)
        let ready: JSONValue = try await value("a server that is ready; it wrote \(program.error.suffix(2000))", within: limit) {
            if program.hasEnded { throw KitError("the server ended before it served: \(program.error)") }
            guard let bytes = Files.read(readyPath(in: folder)), bytes.last == UInt8(ascii: "\n") else { return nil }
            return try JSONValue(parsing: bytes)
        }
        return Server(folder, program, ready)
    }

    /// Where a server says that it serves.
    package static func readyPath(in folder: ScratchFolder) -> String { folder.path("data/ready.json") }

    package var baseURL: String { text("baseURL") }
    package var apiKey: String { text("apiKey") }
    package var spaceID: String { text("spaceID") }
    /// The customer that a new installation has.
    package var demoTenant: String { text("tenantID") }
    package var databaseURL: String { text("databaseURL") }

    /// Everything the server has written.
    package var log: String { program.output + program.error }

    /// The API as the installation's key sees it.
    package var api: APIClient { APIClient(baseURL: baseURL, headers: [(name: "x-fastn-api-key", value: apiKey)]) }

    /// Ends the server as Ctrl-C does, and waits for the end.
    @discardableResult
    package func interrupt() async throws -> FastnProcess.Outcome {
        program.send(SIGINT)
        return try await program.ended()
    }

    /// Ends the server as a power failure does, and waits until it is gone; what it started lives on.
    package func kill() async throws {
        program.send(SIGKILL)
        _ = try await program.ended()
    }

    /// The sandboxes that the server has now.
    package var sandboxes: [ProcessID] { ProcessTable.children(of: program.processID, named: "fastn-sandbox") }

    private func text(_ name: String) -> String { ready[name]?.string ?? "" }
}
