@testable import CommandLineTool
import EventSourcing
import LoopbackHTTPServer
import ProcessTestKit
import Testing
import Vocabulary

@Suite struct `Showing the past` {
    private static let id = "01900000-0000-7000-8000-0000000000cc"

    private static func stamp(_ version: Int, _ type: String) -> JSONValue {
        [
            "id": "01900000-0000-7000-8000-0000000000e1", "type": .string(type), "version": .int(version), "slice": 7, "position": .int(version * 3),
            "recordedAt": .string("2026-03-01T09:3\(version):00.123456Z"),
            "actor": version == 1 ? ["type": "service_account", "id": "01900000-0000-7000-8000-5eb3f7dbcb7b"] : ["type": "system", "id": "router"],
            "correlationId": "01900000-0000-7000-8000-00000000c0de", "causationId": .null, "commandId": "01900000-0000-7000-8000-0000000000e2",
        ]
    }

    private static let past: JSONValue = [
        "kind": "workflow", "id": .string(id), "createdAt": "2026-03-01T09:31:00.123456Z", "event": stamp(2, "workflow.published"),
        "state": [
            "name": "Triage", "description": .null, "code": "export default async function () {\n  return \u{1b}[31m1;\n}", "versions": ["1": "ef56"],
        ],
        "setBy": [
            "/name": stamp(1, "workflow.created"), "/description": stamp(1, "workflow.created"), "/code": stamp(1, "workflow.created"),
            "/versions": stamp(2, "workflow.published"), "/versions/1": stamp(2, "workflow.published"),
        ],
    ]

    @Test func `an entity has a line a field, aligned, and is exact as JSON`() async throws {
        let api = try FakeAPI { _, path, _ in path == "/workflows/\(Self.id)/as-of?at=version%3a2" ? (200, Self.past) : nil }
        let arguments = ["as-of", "workflow", Self.id, "--at", "version:2"]
        let outcome = try await FastnProcess.run(arguments, environment: api.environment)
        #expect(outcome.exitCode == 0)
        #expect(
            outcome.output == """
                workflow \(Self.id): version 2, workflow.published at 2026-03-01T09:32:00Z

                FIELD        VALUE                                         SET AT                BY                EVENT
                name         Triage                                        2026-03-01T09:31:00Z  key 5eb3f7dbcb7b  workflow.created v1
                description  -                                             2026-03-01T09:31:00Z  key 5eb3f7dbcb7b  workflow.created v1
                code         export default async function () {   return…  2026-03-01T09:31:00Z  key 5eb3f7dbcb7b  workflow.created v1
                versions/1   ef56                                          2026-03-01T09:32:00Z  system router     workflow.published v2

                """)
        let json = try await FastnProcess.run(arguments + ["--json"], environment: api.environment).output
        #expect(try JSONValue(parsing: json) == Self.past)
    }

    @Test func `what is gone is said in one line`() async throws {
        let gone: JSONValue = ["kind": "trigger", "id": .string(Self.id), "event": Self.stamp(2, "trigger.deleted"), "state": .null, "setBy": [:]]
        let api = try FakeAPI { _, path, _ in path.hasPrefix("/triggers/\(Self.id)/as-of?at=now") ? (200, gone) : nil }
        let outcome = try await FastnProcess.run(["as-of", "triggers", Self.id], environment: api.environment)
        #expect(outcome.output == "trigger \(Self.id): gone since version 2, trigger.deleted at 2026-03-01T09:32:00Z by system router\n")
    }

    @Test func `events are listed with what they changed`() async throws {
        func event(_ version: Int, _ type: String, _ changes: JSONValue) -> JSONValue {
            var object = Self.stamp(version, type).object ?? [:]
            object["changes"] = changes
            return .object(object)
        }
        let pages = [
            FakeAPI.page([event(1, "secret.written", ["/secrets", "/secrets/A~1B"])], next: "1"),
            FakeAPI.page([event(2, "secret.deleted", ["/secrets/A~1B"])]),
        ]
        let api = try FakeAPI { _, path, _ in
            path == "/keyring/history?limit=200" ? (200, pages[0]) : path == "/keyring/history?limit=200&cursor=1" ? (200, pages[1]) : nil
        }
        let outcome = try await FastnProcess.run(["history", "keyring"], environment: api.environment)
        #expect(
            outcome.output == """
                VERSION  WHEN                  BY                EVENT           CHANGED               REQUEST
                1        2026-03-01T09:31:00Z  key 5eb3f7dbcb7b  secret.written  secrets, secrets/A/B  00000000c0de
                2        2026-03-01T09:32:00Z  system router     secret.deleted  secrets/A/B           00000000c0de

                """)
    }

    @Test func `a difference shows before and after`() async throws {
        let diff: JSONValue = [
            "kind": "space", "id": .string(FakeAPI.space), "from": Self.stamp(1, "space.created"), "to": Self.stamp(2, "space.key.issued"),
            "changes": [
                ["field": "/name", "change": "changed", "before": "Acme", "after": "Acme Ltd", "setBy": Self.stamp(2, "space.renamed")],
                ["field": "/keys/k", "change": "added", "after": ["kind": "live"], "setBy": Self.stamp(2, "space.key.issued")],
            ],
        ]
        let api = try LoopbackHTTPServer { request in
            // The space is asked for as the tenant that it is.
            request.target == "/api/v1/tenants/\(FakeAPI.space)/diff?from=version%3a1&to=now" ? .text(diff.text, status: 200) : .response(status: 404)
        }
        let environment = [
            "FASTN_URL": api.url(""), "FASTN_API_KEY": FakeAPI.key, "FASTN_TENANT_ID": FakeAPI.tenant, "FASTN_SPACE_ID": FakeAPI.space,
        ]
        let outcome = try await FastnProcess.run(["diff", "space", "--from", "version:1"], environment: environment)
        #expect(
            outcome.output == """
                space \(FakeAPI.space): version 1 to 2

                   FIELD   BEFORE  AFTER            SET AT                BY             EVENT
                ~  name    Acme    Acme Ltd         2026-03-01T09:32:00Z  system router  space.renamed v2
                +  keys/k  -       {"kind":"live"}  2026-03-01T09:32:00Z  system router  space.key.issued v2

                """)
    }

    @Test func `a moment is a time, a time ago, a version or a position`() throws {
        let now = try #require(Timestamp("2026-03-01T09:30:00Z"))
        #expect(try MomentText.parse("-2h", now: now) == .time(now + .seconds(-7200)))
        #expect(try MomentText.parse("-90s", now: now) == .time(now + .seconds(-90)))
        #expect(try MomentText.parse("2026-02-28", now: now) == .time(try #require(Timestamp("2026-02-28T00:00:00Z"))))
        #expect(try MomentText.parse("2026-02-28T10:00:00+01:00", now: now) == .time(try #require(Timestamp("2026-02-28T09:00:00Z"))))
        #expect(try MomentText.parse("version:3", now: now) == .version(StreamVersion(3)))
        for text in ["", "-", "-2", "2h", "-2w", "--2h", "-99999999999d", "version:0", "2026-02-30"] {
            #expect(throws: (any Error).self, "\(text)") { try MomentText.parse(text, now: now) }
        }
    }

    @Test(arguments: [
        ["as-of", "workflow"], ["as-of", "workflow", "x"], ["as-of", "keyring", "01900000-0000-7000-8000-0000000000cc"], ["as-of", "thing"],
        ["as-of", "tenant", "--at", "yesterday"], ["diff", "tenant"], ["history"],
    ])
    func `wrong use is said before a server is asked`(arguments: [String]) async throws {
        let outcome = try await FastnProcess.run(arguments)
        #expect(outcome.exitCode == 2)
        #expect(!outcome.error.isEmpty)
    }
}
