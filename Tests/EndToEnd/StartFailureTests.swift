import BuildProducts
import LoopbackHTTPServer
import ProcessTestKit
import ServerTestKit
import Testing

/// A server that cannot start says in one line what to do.
@Suite struct StartFailureTests {
    @Test func `a port in use is named`() async throws {
        let other = try LoopbackHTTPServer { _ in .text("somebody else") }
        let line = try await refusal(["FASTN_LISTEN": "127.0.0.1:\(other.port)"])
        #expect(line.contains("\(other.port)"))
        #expect(line.contains("FASTN_LISTEN"))
    }

    @Test func `a folder that cannot be written is named`() async throws {
        let folder = try ScratchFolder()
        try Files.write("in the way", to: folder.path("file"))
        let line = try await refusal(["FASTN_DATA": folder.path("file/data")])
        #expect(line.contains(folder.path("file")))
        #expect(line.contains("FASTN_DATA"))
    }

    @Test func `a database that does not answer is named`() async throws {
        let line = try await refusal(["FASTN_DATABASE_URL": "postgresql://somebody:hush@127.0.0.1:1/nothing"])
        #expect(line.contains("FASTN_DATABASE_URL"))
        #expect(!line.contains("hush"))
    }

    @Test func `a NATS server that does not answer is named`() async throws {
        let line = try await refusal(["FASTN_NATS_URL": "nats://somebody:hush@127.0.0.1:1"])
        #expect(line.contains("FASTN_NATS_URL"))
        #expect(!line.contains("hush"))
    }

    @Test func `an address that is none is named`() async throws {
        #expect(try await refusal(["FASTN_LISTEN": "everywhere"]).contains("FASTN_LISTEN"))
    }

    @Test func `a missing sandbox is named`() async throws {
        let folder = try ScratchFolder()
        let program = BuildProducts.path(of: "fastn")
        // A link of its own where the file system has room for one; a copy of the program takes a second.
        let copied = try await FastnProcess.shell("ln \(program) fastn 2>/dev/null || cp \(program) fastn", in: folder)
        #expect(copied.exitCode == 0, "\(copied.error)")
        let outcome = try await FastnProcess(["serve"], of: folder.path("fastn"), in: folder).ended()
        #expect(outcome.exitCode == 1)
        #expect(outcome.error == "fastn: \(folder.path)/fastn-sandbox is missing; it must lie beside fastn, and is built together with it\n")
        #expect(folder.processes.isEmpty)
    }

    /// The one line that a start with these settings ends with; nothing that it started is left behind.
    private func refusal(_ environment: [String: String]) async throws -> String {
        let folder = try ScratchFolder()
        let settings = ["FASTN_LISTEN": "127.0.0.1:0", "FASTN_LOG": "error"].merging(environment) { $1 }
        let outcome = try await FastnProcess.run(["serve"], environment: settings, in: folder)
        #expect(outcome.exitCode != 0)
        #expect(outcome.output.isEmpty)
        let lines = outcome.error.split(separator: "\n")
        #expect(lines.count == 1, "\(outcome.error)")
        #expect(folder.processes.isEmpty)
        #expect(!Files.exist(Server.readyPath(in: folder)))
        return lines.first.map(String.init) ?? ""
    }
}
