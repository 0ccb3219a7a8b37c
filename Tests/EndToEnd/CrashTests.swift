import Glibc
import LoopbackHTTPServer
import ProcessTestKit
import ServerTestKit
import Testing
import Vocabulary

/// The promise of the whole: what was accepted is run, once per route, whatever dies when.
@Suite struct CrashTests {
    /// How often the server is killed.
    private static let kills = getenv("FASTN_LONG_TESTS") == nil ? 3 : 20
    /// Give the seed of a failed run to see its kills again: `FASTN_TEST_SEED=…`.
    private static let seed = getenv("FASTN_TEST_SEED").flatMap { UInt64(String(cString: $0)) } ?? .random(in: 0...9999)
    private static let flows = ["left", "right"]

    @Test(arguments: [seed])
    func `every accepted webhook runs once per matching route although the server is killed again and again`(seed: UInt64) async throws {
        let outside = try LoopbackHTTPServer { _ in .text("counted") }
        let installation = try await CrashedInstallation.make()
        let customer = await installation.customer
        for flow in Self.flows + ["never"] { try await customer.deploy(flow, Self.code(flow, outside)) }
        let webhook = try await customer.trigger(
            "github", secret: "hush", routes: Self.flows.map { ($0, nil) } + [("never", ["kind": "other"])])
        let load = Load(webhook: webhook) { await installation.customer.server }

        try await load.run {
            var random = SplitMix64(seed: seed)
            for kill in 1...Self.kills {
                if kill == Self.kills { await installation.wipeNATS() }
                let (accepted, called) = (load.accepted.count, outside.requests.count)
                let (someAccepted, someCalled) = (Int.random(in: 1...40, using: &random), Int.random(in: 1...40, using: &random))
                try await until("load between two kills", within: .seconds(180)) {
                    load.accepted.count >= accepted + someAccepted && outside.requests.count >= called + someCalled
                }
                try await installation.crash(kill)
            }
        }

        try await expectNothingLeft(await installation.customer.server)
        try await expectEachRanOnce(load.accepted, of: Self.flows, customer: await installation.customer)
        try await expectDensePositions(await installation.customer.server)
        expectNothingRepeated(outside.requests, executions: load.accepted.count * Self.flows.count)
    }

    private static func code(_ flow: String, _ outside: LoopbackHTTPServer) -> String {
        """
        export default async function (ctx) {
          const answer = await fastn.connector.http.post("\(outside.url("/\(flow)"))", { body: ctx.input });
          await fastn.state.set(`done ${ctx.input.delivery}`, true);
          return answer.status;
        }
        """
    }

    /// One key for each call, and only calls that a kill cut short were made again.
    private func expectNothingRepeated(_ requests: [ReceivedRequest], executions: Int) {
        let byKey = Dictionary(grouping: requests) { $0.value("idempotency-key") ?? "none" }
        #expect(byKey["none"] == nil)
        #expect(byKey.count == executions)
        #expect(byKey.values.allSatisfy { Set($0.map { "\($0.target) \($0.body)" }).count == 1 }, "one key was used for two calls")
        let mostUnderWay = Self.kills * CrashedInstallation.sandboxes
        #expect(requests.count - byKey.count <= mostUnderWay, "more calls were repeated than can have been under way at the kills")
    }
}
