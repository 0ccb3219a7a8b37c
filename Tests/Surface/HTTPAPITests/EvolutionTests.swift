import Testing
import Vocabulary

@Suite struct `An entity with an event that this release does not know` {
    @Test func `answers with the type and the remedy, and others of its tenant go on`() async throws {
        try await withAPI { api in
            let stopped = try #require(StreamID(try await api.publishWorkflow("stopped")))
            let other = try await api.publishWorkflow("other")
            try await api.append(StoredForm("workflow.dreamt", ["of": "sheep"]), to: stopped)
            let answer = try await api.send("POST", "\(api.base)/workflows/\(stopped)/disable")
            #expect(answer.status == 500)
            #expect(try answer.json["code"] == "INTERNAL_ERROR")
            let message = try #require(try answer.json["message"]?.string)
            #expect(message.contains("event workflow.dreamt v1 is not known to this release"))
            #expect(message.contains("run the release that wrote it, or a newer one"))
            #expect(!message.contains("sheep"))
            // The catalog is strict and stands still, so that the change is acknowledged without being shown.
            let change = try await api.send("POST", "\(api.base)/workflows/\(other)/disable")
            #expect(change.status == 202)
            #expect(change.header("fastn-position") != nil)
        }
    }
}
