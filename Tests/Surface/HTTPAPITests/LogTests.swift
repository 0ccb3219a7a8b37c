import HTTPAPI
import Testing
import Vocabulary

@Suite struct `The log over HTTP` {
    @Test func `has an entry for every event of the tenant, in order, with what happened and who did it`() async throws {
        try await withAPI { api in
            try await api.publishWorkflow("orders")
            let answer = try await api.get("\(api.base)/log")
            #expect(answer.header("content-type") == "application/x-ndjson")
            let entries = try answer.entries
            #expect(entries.compactMap { $0["type"]?.string } == ["tenant.created", "workflow.created", "workflow.published"])
            #expect(entries.allSatisfy { $0["tenantId"] == .string("\(api.customer)") })
            #expect(entries.last?["version"] == 2 && entries.last?["schema"] == 1)
            #expect(entries.last?["actor"]?["type"] == "service_account")
            // What events hold is not in it.
            #expect(!answer.text.contains("export default"))
        }
    }

    @Test func `goes on after the last entry that is known, whichever way it is named`() async throws {
        try await withAPI { api in
            try await api.publishWorkflow("orders")
            let all = try await api.get("\(api.base)/log").entries.compactMap { $0["position"]?.string }
            #expect(all.count == 3)
            for (index, position) in all.enumerated() {
                let rest = Array(all[(index + 1)...])
                #expect(try await api.get("\(api.base)/log?after=\(position)").entries.compactMap { $0["position"]?.string } == rest)
                let again = try await api.get("\(api.base)/log", [("last-event-id", position), ("accept", "text/event-stream")])
                #expect(again.header("content-type") == "text/event-stream")
                #expect(again.eventIDs == rest)
            }
            let since = try #require(try await api.get("\(api.base)/log").entries[1]["recordedAt"]?.string)
            #expect(try await api.get("\(api.base)/log?since=\(since)").entries.compactMap { $0["position"]?.string } == Array(all[1...]))
        }
    }

    @Test func `is followed while it grows, and what was cut off goes on without gap or double`() async throws {
        try await withAPI { api in
            // The answer has no end: the client gives up when the last name that it waits for is there.
            async let first = api.client.follow("\(api.base)/log?follow=1", api.headers + [("accept", "text/event-stream")]) { $0.count >= 4 }
            for number in 0..<10 { _ = try await api.send("POST", "\(api.base)/workflows", ["name": .string("w\(number)")]) }
            let seen = try await first
            let rest = try await api.client.follow(
                "\(api.base)/log?follow=1", api.headers + [("accept", "text/event-stream"), ("last-event-id", try #require(seen.last))]
            ) { $0.count >= 11 - seen.count }
            let all = try await api.get("\(api.base)/log").entries.compactMap { $0["position"]?.string }
            #expect(all.count == 11 && seen + rest == all)
        }
    }

    @Test(arguments: ["after=x", "after=999:1", "follow=maybe", "since=yesterday", "page=1"])
    func `refuses a place that is none by name`(query: String) async throws {
        try await withAPI { api in
            let answer = try await api.get("\(api.base)/log?\(query)")
            #expect(answer.status == 400)
            #expect(try answer.pointers == ["/\(query.split(separator: "=")[0])"])
            let foreign = LogPosition(slice: Slice(of: api.customer).number == 0 ? Slice.all[1] : Slice.all[0], position: 1)
            #expect(try await api.get("\(api.base)/log?after=\(foreign)").pointers == ["/after"])
        }
    }

    @Test func `of another space's customer does not exist`() async throws {
        try await withAPI { api in
            let answer = try await api.get("/api/v1/tenants/\(api.stranger)/log")
            #expect(answer.status == 404)
        }
    }
}

extension TestAnswer {
    /// The lines of a body that came in chunks, each a JSON object.
    fileprivate var entries: [JSONValue] { get throws { try unchunked.split(separator: "\n").map { try JSONValue(parsing: String($0)) } } }

    fileprivate var eventIDs: [String] { TestClient.eventIDs(in: unchunked) }

    /// Our pieces hold no line that could be taken for a chunk's size.
    private var unchunked: String {
        text.split(separator: "\r\n").filter { !$0.allSatisfy(\.isHexDigit) }.joined()
    }
}
