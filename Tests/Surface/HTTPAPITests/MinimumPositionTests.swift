import EventSourcing
import HTTPAPI
import PipelineTestKit
import Testing
import Vocabulary

@Suite struct `Reading one's own writes` {
    @Test func `every write tells where it is, and reads that name the place show it`() async throws {
        try await withAPI { api in
            let created = try await api.send("POST", "\(api.base)/workflows", ["name": "orders"])
            let position = try #require(created.header("fastn-position"))
            #expect(LogPosition(position)?.slice == Slice(of: api.customer))
            let id = try #require(try created.json["id"]?.string)
            let deleted = try await api.send("DELETE", "\(api.base)/workflows/\(id)")
            #expect(deleted.status == 204)
            let later = try #require(deleted.header("fastn-position").flatMap { LogPosition($0) })
            #expect(later.position > (LogPosition(position)?.position ?? .max))

            let byHeader = try await api.get("\(api.base)/audit", [("fastn-min-position", "\(later)")])
            #expect(byHeader.header("fastn-stale") == nil)
            #expect(try byHeader.json["data"]?.array?.first?["action"] == "workflow.archive")
            let byQuery = try await api.get("\(api.base)/workflows/\(id)?minPosition=\(later)")
            #expect(try byQuery.json["status"] == "archived" && byQuery.header("fastn-stale") == nil)
            let secret = try await api.send("PUT", "\(api.base)/secrets/TOKEN", ["value": "x"])
            #expect(secret.status == 204 && secret.header("fastn-position") != nil)
        }
    }

    @Test func `a view that does not come so far in time answers with what it has, and says that it is stale`() async throws {
        try await withAPI { api in
            let end = try #require(try await api.store.heads()[Slice(of: api.customer)])
            let future = "\(Slice(of: api.customer)):\(end + 1)"
            for answer in [
                try await api.get("\(api.base)/workflows?minPosition=\(future)"), try await api.get(api.base, [("fastn-min-position", future)]),
            ] {
                #expect(answer.status == 200)
                #expect(answer.header("fastn-stale") == "true")
            }
        }
    }

    @Test func `without a place nothing is waited for, and a write without effect has none`() async throws {
        try await withAPI { api in
            let id = try await api.publishWorkflow("orders")
            let again = try await api.send("POST", "\(api.base)/workflows/\(id)/enable")
            #expect(again.status == 200)
            #expect(again.header("fastn-position") == nil)
            // The catalog stands still from here on.
            try await api.append(StoredForm("trigger.created", schema: 9, [:]))
            #expect(try await api.get("\(api.base)/workflows/\(id)").header("fastn-stale") == nil)
        }
    }

    @Test func `a called workflow tells where its run is, and the list of executions that names the place has it`() async throws {
        try await withAPI { api in
            try await api.publishWorkflow("orders")
            let called = try await api.send("POST", "/api/v1/orders", ["input": [:]])
            #expect(called.status == 202)
            let position = try #require(called.header("fastn-position"))
            let list = try await api.get("\(api.base)/executions?minPosition=\(position)")
            #expect(list.header("fastn-stale") == nil)
            #expect(try list.json["data"]?.array?.first?["id"] == called.json["executionId"])
        }
    }

    @Test(arguments: ["x", "1", "1:", "256:1", "1:-1", "1:1:1"]) func `a place that is none is refused by name`(text: String) async throws {
        try await withAPI { api in
            let query = try await api.get("\(api.base)/workflows?minPosition=\(text)")
            #expect(query.status == 400)
            #expect(try query.pointers == ["/minPosition"])
            let header = try await api.get("\(api.base)/workflows", [("fastn-min-position", text)])
            #expect(header.status == 400)
            #expect(try header.json["message"]?.string?.contains("the header fastn-min-position must be") == true)
            let both = try await api.get("\(api.base)/workflows?minPosition=1:1", [("fastn-min-position", "1:2")])
            #expect(try both.status == 400 && both.pointers == ["/minPosition"])
        }
    }
}

extension APIStage {
    /// Appends an event to a stream of the customer's as it is, whether a decider knows it or not.
    @discardableResult
    func append(_ form: StoredForm, to stream: StreamID? = nil) async throws -> LogPosition {
        let ids = ClosureIDSource.real
        let category = Category(String(form.type.prefix { $0 != "." }))
        let address = StreamAddress(tenant: customer, stream: stream ?? ids.next(), category: category)
        let envelope = CommandEnvelope(commandID: ids.next(), principal: .system("test"), correlation: ids.next(), lane: .p1)
        let event = NewEvent(id: ids.next(), form: form, meta: EventMeta(envelope))
        guard case .appended(let receipt) = try await store.append(AppendBatch(address: address, expected: .any, events: [event])) else {
            throw ClientError(what: "the event was not appended")
        }
        return receipt.first
    }
}
