import Cryptography
import Domain
import Testing
import Vocabulary

@Suite struct `States in memory over HTTP` {
    private func entity(_ kind: String, _ tenant: TenantID, _ id: String) -> JSONValue {
        ["kind": .string(kind), "tenantId": .id(tenant), "id": .string(id)]
    }

    @Test func `are told with their version and digest, and whole when asked for`() async throws {
        try await withAPI { api in
            let wanted: JSONValue = ["entities": [entity("tenant", api.customer, "\(api.customer)")], "withState": true]
            let answer = try await api.send("POST", "\(api.base)/live-states", wanted)
            #expect(answer.status == 200)
            let row = try #require(try answer.json["data"]?.array?.first)
            #expect(row["version"] == 1 && row["id"]?.string == "\(api.customer)")
            let state = try #require(row["state"]?.string.flatMap { Base64.decode($0, .url) })
            #expect(SHA256.hash(state).hex == row["digest"]?.string)
            #expect(try CBOR.decode(TenantState.self, from: state) == .present(space: api.space, name: "First customer", externalID: nil))
        }
    }

    @Test func `leave out what is not in memory, and what is another's`() async throws {
        try await withAPI { api in
            let entities: JSONValue = [
                entity("tenant", api.stranger, "\(api.stranger)"), entity("tenant", api.customer, "\(api.stranger)"),
                entity("workflow", api.customer, "\(api.customer)"), entity("tenant", api.customer, "\(WorkflowID(bits: 7))"),
                entity("nothing", api.customer, "\(api.customer)"),
            ]
            let answer = try await api.send("POST", "\(api.base)/live-states", ["entities": entities])
            #expect(try answer.json == ["data": []])
            // The customer's own, under the space's id.
            let path = "/api/v1/tenants/\(api.space)/live-states"
            let own = try await api.send("POST", path, ["entities": [entity("tenant", api.customer, "\(api.customer)")]])
            #expect(try own.json["data"]?.array?.count == 1)
            #expect(try own.json["data"]?.array?.first?["state"] == nil)
        }
    }

    @Test func `name the members that are wrong`() async throws {
        try await withAPI { api in
            let answer = try await api.send(
                "POST", "\(api.base)/live-states", ["entities": [["kind": "tenant", "tenantId": "x", "id": .id(api.customer)]]])
            #expect(answer.status == 400)
            #expect(try answer.pointers == ["/entities/0/tenantId"])
        }
    }
}
