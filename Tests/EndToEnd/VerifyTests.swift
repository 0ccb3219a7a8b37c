import ProcessTestKit
import ServerTestKit
import Testing
import Vocabulary

/// The log of a real installation, held to what was exported from it.
@Suite struct VerifyTests {
    @Test func `fastn verify finds the log intact, and names the entry that somebody has changed`() async throws {
        var server = try await Server.start()
        let folder = server.folder
        func verify(_ arguments: String...) async throws -> FastnProcess.Outcome { try await FastnProcess.run(["verify"] + arguments, in: folder) }
        // The end of a server exports what no checkpoint has yet.
        try await server.interrupt()
        server = try await Server.start(in: folder)

        let intact = try await verify("--json")
        #expect(intact.exitCode == 0, "\(intact.error)")
        let report = try JSONValue(parsing: intact.output)
        #expect(report["intact"] == true && report["checkpoints"] != 0 && report["events"] != 0, "\(report.text)")
        // Nothing but the public half is needed, and a copy of the checkpoints does.
        let elsewhere = folder.path("copy")
        _ = try await FastnProcess.shell("cp -r data/checkpoints copy && cp data/checkpoint.pub copy.pub", in: folder)
        let copied = try await verify("--database", server.databaseURL, "--checkpoints", elsewhere, "--public-key", folder.path("copy.pub"))
        #expect(copied.exitCode == 0 && copied.output.hasPrefix("the log is intact: "), "\(copied.output)\(copied.error)")

        let newest = try await server.rows("select slice || ' ' || pos from events order by pos desc, slice limit 1")
        let place = try #require(newest.first).split(separator: " ")
        try await server.execute(
            """
            do $$ begin
              set local session_replication_role = replica;
              update events set meta = meta || ' '::bytea where slice = \(place[0]) and pos = \(place[1]);
            end $$
            """)
        let changed = try await verify()
        #expect(changed.exitCode == 1 && changed.output.contains("slice \(place[0]), position \(place[1])"), "\(changed.output)\(changed.error)")
        let named = try JSONValue(parsing: try await verify("--json").output)["fault"]
        #expect(named?["kind"] == "edited" && named?["position"]?.integer == Int(place[1]), "\(named?.text ?? "")")
        #expect(try await verify("--public-key", folder.path("none")).exitCode == 2)
    }
}
