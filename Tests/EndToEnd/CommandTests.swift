import ProcessTestKit
import ServerTestKit
import Testing
import Vocabulary

/// The command line against a server that serves.
@Suite struct CommandTests {
    private static let code = """
        export default async function (ctx) {
          const count = ((await fastn.state.get("count")) ?? 0) + 1;
          await fastn.state.set("count", count);
          console.log(`run ${count}`, await fastn.secrets.get("WORD"));
          return { count };
        }
        """

    @Test func `a workflow is deployed, run, looked at and replayed`() async throws {
        let customer = try await SharedServer.customer()
        let folder = customer.server.folder
        func fastn(_ arguments: String...) async throws -> JSONValue {
            let outcome = try await FastnProcess.run(arguments + ["--json"], environment: ["FASTN_TENANT_ID": customer.id], in: folder)
            #expect(outcome.exitCode == 0, "\(arguments.first ?? ""): \(outcome.error)")
            return try JSONValue(parsing: outcome.output)
        }
        try Files.write(Self.code, to: folder.path("counting.ts"))

        _ = try await fastn("secrets", "set", "WORD", "please")
        _ = try await fastn("deploy", folder.path("counting.ts"))
        let execution = try await customer.run("counting")
        #expect(execution["output"] == ["count": 1])
        let id = try #require(execution["id"]?.string)
        let logs = try await fastn("logs", "--workflow", "counting")
        #expect(logs.array?.map { $0["id"]?.string } == [id])
        let replay = try await fastn("replay", id)
        #expect(replay["same"] == true)
        #expect(replay["calls"] == 3)
    }
}
