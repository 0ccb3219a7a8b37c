import EventSourcing
import PipelineTestKit
import Testing
import Vocabulary

@Suite struct `Erasures over HTTP` {
    @Test func `destroy a person's key, say so without naming him, and answer the same when asked again`() async throws {
        try await withAPI { api in
            let anna = try api.store.subject("anna@example.com", of: api.customer)
            let key = try #require(try await api.store.current(anna, of: api.customer))
            let answer = try await api.send("POST", "\(api.base)/erasures", ["subject": "anna@example.com", "reason": "asked for it"])
            #expect(answer.status == 201 && !answer.text.contains("anna"), "\(answer.text)")
            let erasure = try answer.json
            #expect(erasure["id"] == .id(key) && erasure["subjectId"] == .id(anna) && erasure["scope"] == "subject")
            #expect(erasure["reason"] == "asked for it" && erasure["status"] == "requested" && erasure["tenantId"] == .id(api.customer))
            #expect(try await api.store.newest(anna, of: api.customer)?.destroyedAt != nil)
            let again = try await api.send("POST", "\(api.base)/erasures", ["subject": "anna@example.com", "reason": "once more"])
            #expect(try again.json["id"] == erasure["id"] && again.json["reason"] == "asked for it")
            #expect(try await api.get("\(api.base)/erasures/\(key)").json == erasure)
            #expect(try await api.get("\(api.base)/erasures/\(key)?asOf=version:1").json == erasure)
            let history = try await api.get("\(api.base)/erasures/\(key)/history").json["data"]?.array
            #expect(history?.map { $0["type"] } == ["erasure.requested"])
            let entry = try await api.get("\(api.base)/audit-log?action=erasure.request").json["data"]?.array?.first
            #expect(entry?["reason"] == "asked for it" && entry?["resource"]?["id"] == erasure["id"], "\(entry?.text ?? "")")
        }
    }

    @Test func `erase a customer whole when asked in so many words`() async throws {
        try await withAPI { api in
            try await api.publishWorkflow("Gone")
            let answer = try await api.send("POST", "\(api.base)/erasures", ["everything": true, "reason": "end of contract"])
            #expect(try answer.status == 201 && answer.json["scope"] == "tenant" && answer.json["subjectId"] == .null)
            #expect(try await api.store.current(nil, of: api.customer) == nil)
            let call = try await api.send("POST", "/api/v1/gone")
            #expect(try call.status == 409 && call.json["message"]?.string?.contains("was erased") == true, "\(call.text)")
        }
    }

    @Test func `know nothing of a person of whom nothing was kept, nor of another space's customers`() async throws {
        try await withAPI { api in
            let body: JSONValue = ["subject": "nobody", "reason": "asked for it"]
            let unknown = try await api.send("POST", "\(api.base)/erasures", body)
            let foreign = try await api.send("POST", "/api/v1/tenants/\(api.stranger)/erasures", ["everything": true, "reason": "x"])
            let none = try await api.get("\(api.base)/erasures/\(api.customer)")
            #expect([unknown, foreign, none].map(\.status) == [404, 404, 404])
        }
    }

    @Test(arguments: [
        (#"{"reason": "x"}"#, "/subject"), (#"{"subject": "a", "everything": true, "reason": "x"}"#, "/subject"),
        (#"{"subject": "", "reason": "x"}"#, "/subject"), (#"{"subject": "anna"}"#, "/reason"), (#"{"everything": true, "reason": ""}"#, "/reason"),
        (#"{"subject": "anna", "reason": "anna asked for it"}"#, "/reason"), (#"{"everything": "yes", "reason": "x"}"#, "/everything"),
    ])
    func `name the member that is wrong`(body: String, pointer: String) async throws {
        try await withAPI { api in
            _ = try await api.store.current(try api.store.subject("anna", of: api.customer), of: api.customer)
            let answer = try await api.send("POST", "\(api.base)/erasures", try JSONValue(parsing: body))
            #expect(try answer.status == 400 && answer.pointers.contains(pointer), "\(answer.text)")
        }
    }

    @Test func `find their subject where a trigger says, which can be changed and taken back`() async throws {
        try await withAPI { api in
            let body: JSONValue = ["name": "t", "verification": "none", "subject": "/customer/email"]
            let trigger = try await api.send("POST", "\(api.base)/triggers", body).json
            let path = "\(api.base)/triggers/\(trigger["id"]?.string ?? "")"
            #expect(trigger["subject"] == "/customer/email")
            #expect(try await api.send("PUT", path, ["name": "other"]).json["subject"] == "/customer/email")
            #expect(try await api.send("PUT", path, ["subject": "customer"]).pointers == ["/subject"])
            #expect(try await api.send("PUT", path, ["subject": ""]).json["subject"] == .null)
        }
    }
}
