import Glibc
import LoopbackHTTPServer
import ProcessTestKit
import ServerTestKit
import Testing
import Vocabulary

/// How a server starts, stops, and comes back.
@Suite(.serialized) struct ServerLifeTests {
    @Test func `a first start prints three commands that work as printed`() async throws {
        let server = try await Server.start()
        try await until("the announcement") { server.program.output.contains("Ctrl-C") }
        let commands = server.program.output.split(separator: "\n").filter { $0.hasPrefix("  ") }.map(String.init)
        #expect(commands.count == 3)

        var answers: [String] = []
        for command in commands {
            let outcome = try await FastnProcess.shell(command, in: server.folder)
            #expect(outcome.exitCode == 0, "\(command): \(outcome.error)")
            answers.append(outcome.output)
        }

        #expect(answers.first?.contains("Hello, Ada!") == true)
        #expect(answers.dropFirst().allSatisfy { $0.contains("hello") })
    }

    @Test func `ready.json is for its owner alone and says where the server is`() async throws {
        let server = try await Server.start()
        #expect(Files.mode(Server.readyPath(in: server.folder)) == 0o600)
        #expect(Files.mode(server.folder.path("data/api-key")) == 0o600)
        let members = ["baseURL", "apiKey", "spaceID", "tenantID", "databaseURL", "natsURL", "regionalDatabaseURLs"]
        #expect(server.ready.object?.members.map { $0.name } == members)
        #expect(Files.text(server.folder.path("data/api-key")) == "\(server.apiKey)\n")
    }

    @Test func `a second start has what the first had`() async throws {
        let first = try await Server.start()
        #expect(try await first.api.post("/api/v1/hello", [:])["count"] == 1)
        let runs = try await value("the ended run") {
            let runs = try await Customer(server: first, id: first.demoTenant).list("executions")
            return runs.first?["status"] == "completed" ? runs : nil
        }
        try await first.interrupt()

        let second = try await Server.start(in: first.folder)

        #expect(second.apiKey == first.apiKey)
        #expect(second.spaceID == first.spaceID)
        #expect(try await Customer(server: second, id: second.demoTenant).list("executions") == runs)
        #expect(try await second.api.post("/api/v1/hello", [:])["count"] == 2)
    }

    @Test func `who follows the log is let go at the end, and goes on at the next start without gap or double`() async throws {
        let first = try await Server.start()
        let (path, seen) = ("/api/v1/tenants/\(first.demoTenant)/log", first.folder.path("followed"))
        let credentials = "-H 'x-fastn-api-key: \(first.apiKey)'"
        async let follower = FastnProcess.shell("curl -sN '\(first.api.baseURL)\(path)?follow=1' \(credentials) > \(seen)", in: first.folder)
        _ = try await first.api.post("/api/v1/hello", [:])
        try await until("the follower has the run") { Files.text(seen).contains("run.started") }
        try await first.interrupt()
        #expect(try await follower.exitCode == 0)

        let second = try await Server.start(in: first.folder)
        let before = try positions(Files.text(seen))
        let rest = try positions(try await second.api.get("\(path)?after=\(try #require(before.last))").text)
        #expect(try before + rest == positions(try await second.api.get(path).text))
    }

    private func positions(_ lines: String) throws -> [String] {
        try lines.split(separator: "\n").compactMap { try JSONValue(parsing: String($0))["position"]?.string }
    }

    @Test func `Ctrl-C ends the server and everything that it started`() async throws {
        let server = try await Server.start()
        _ = try await server.api.post("/api/v1/hello", [:])
        #expect(!server.folder.processes.isEmpty)
        #expect(!server.sandboxes.isEmpty)
        let sandboxes = server.sandboxes

        let outcome = try await server.interrupt()

        #expect(outcome.exitCode == 0, "\(outcome.error)")
        #expect(server.folder.processes.isEmpty)
        #expect(!sandboxes.contains(where: ProcessTable.isRunning))
        #expect(!Files.exist(Server.readyPath(in: server.folder)))
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func `a signal in the middle of a start ends it and everything that it started`(signal: Int32) async throws {
        let folder = try ScratchFolder()
        let program = try FastnProcess(["serve"], environment: ["FASTN_LISTEN": "127.0.0.1:0"], in: folder)
        try await until("the first server of its own") { !folder.processes.filter { $0 != program.processID }.isEmpty }

        program.send(signal)
        let outcome = try await program.ended()

        #expect(outcome.exitCode == 0, "\(outcome.error)")
        #expect(folder.processes.isEmpty)
        #expect(!Files.exist(Server.readyPath(in: folder)))
    }

    @Test func `after kill -9 the next start ends the orphans and has lost nothing`() async throws {
        let first = try await Server.start()
        #expect(try await first.api.post("/api/v1/hello", [:])["count"] == 1)
        let sandboxes = first.sandboxes
        try await first.kill()
        let orphans = first.folder.processes
        #expect(!orphans.isEmpty)

        let second = try await Server.start(in: first.folder)

        #expect(!orphans.contains(where: ProcessTable.isRunning))
        try await until("the end of the sandboxes") { !sandboxes.contains(where: ProcessTable.isRunning) }
        #expect(try await second.api.post("/api/v1/hello", [:])["count"] == 2)
    }

    @Test func `a second server on a data folder is refused and leaves the first alone`() async throws {
        let server = try await Server.start()
        let ready = Files.text(Server.readyPath(in: server.folder))

        let outcome = try await FastnProcess.run(["serve"], environment: ["FASTN_LISTEN": "127.0.0.1:0"], in: server.folder)

        #expect(outcome.exitCode != 0)
        #expect(outcome.error.split(separator: "\n").count == 1, "\(outcome.error)")
        #expect(outcome.error.contains("\(server.program.processID)"), "\(outcome.error)")
        #expect(Files.text(Server.readyPath(in: server.folder)) == ready)
        #expect(try await server.api.post("/api/v1/hello", [:]).status == 200)
    }

    @Test func `a workflow never reaches the private network unless the operator allows it`() async throws {
        let server = try await Server.start()
        let customer = try await Customer.make(on: server)
        let outside = try LoopbackHTTPServer { _ in .text("secret of the network") }
        try await customer.deploy("prober", "export default async function (ctx) { return await fastn.connector.http.get(ctx.input.url); }")

        for host in ["127.0.0.1", "localhost", "2130706433"] {
            let execution = try await customer.run("prober", ["url": .string(outside.url(host: host))])
            #expect(execution["status"] == "failed", "\(host)")
            #expect(execution["error"]?["message"]?.string?.hasPrefix("ADDRESS_REFUSED") == true, "\(execution["error"]?.text ?? "")")
        }
        #expect(outside.connectionCount == 0)
    }
}
