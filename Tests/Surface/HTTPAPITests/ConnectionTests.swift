import Domain
import EventSourcing
import Projections
import Testing
import Vocabulary

@Suite struct `Connections over HTTP` {
    @Test func `keep credentials in the vault and out of every answer`() async throws {
        try await withAPI { api in
            let auth: JSONValue = ["type": "api_key", "header": "X-Key", "value": "v3rysecret"]
            let answer = try await api.send("POST", "\(api.base)/connections", ["name": "crm", "auth": auth, "allowedHosts": ["API.example"]])
            #expect(answer.status == 201)
            let id = try #require(try answer.json["id"]?.string)
            #expect(try answer.json["auth"] == ["type": "api_key", "header": "X-Key"])
            #expect(try answer.json["allowedHosts"] == ["api.example"])
            #expect(try await !api.get("\(api.base)/connections/\(id)").text.contains("v3rysecret"))
            let known = try #require(try await api.projections.catalog.connection(name: "crm", tenant: api.customer, space: api.space))
            let sealed = try await api.vault.open(try #require(known.secret), tenant: api.customer, name: "connection/\(id)")
            #expect(try JSONValue(parsing: sealed) == ["value": "v3rysecret"])
        }
    }

    @Test func `are rotated and deleted, under their other name too`() async throws {
        try await withAPI { api in
            let created = try await api.send("POST", "\(api.base)/credentials", ["name": "crm", "auth": ["type": "bearer", "token": "a"]]).json
            let id = created["id"]?.string ?? ""
            let rotated = try await api.send("PUT", "\(api.base)/credentials/\(id)", ["auth": ["type": "basic", "username": "u", "password": "p"]])
            #expect(try rotated.json["auth"] == ["type": "basic"])
            #expect(try await api.send("DELETE", "\(api.base)/connections/\(id)").status == 204)
            #expect(try await api.get("\(api.base)/connections").json["data"]?.array?.isEmpty == true)
        }
    }

    @Test func `name the member that is wrong`() async throws {
        let cases: [(auth: String, pointer: String)] = [
            ("null", "/auth"), (#"{"type": "oauth9"}"#, "/auth/type"), (#"{"type": "bearer"}"#, "/auth/token"),
            (#"{"type": "bearer", "token": "a\nb"}"#, "/auth/token"), (#"{"type": "none", "token": "a"}"#, "/auth/token"), ("{}", "/auth/type"),
        ]
        try await withAPI { api in
            for (auth, pointer) in cases {
                let answer = try await api.send("POST", "\(api.base)/connections", ["name": "c", "auth": try JSONValue(parsing: auth)])
                #expect(answer.status == 400)
                #expect(try answer.pointers == [pointer])
            }
        }
    }
}

@Suite struct `Secrets over HTTP` {
    @Test func `are written and deleted, and only their names are read`() async throws {
        try await withAPI { api in
            #expect(try await api.send("PUT", "\(api.base)/secrets/API_TOKEN", ["value": "hush"]).status == 204)
            let list = try await api.get("\(api.base)/secrets")
            #expect(try list.json["data"]?.array?.first?["name"] == "API_TOKEN")
            #expect(!list.text.contains("hush"))
            let known = try #require(try await api.projections.catalog.secret(name: "API_TOKEN", tenant: api.customer, space: api.space))
            #expect(try await api.vault.open(known.id, tenant: api.customer, name: "API_TOKEN") == Array("hush".utf8))
            #expect(try await api.send("DELETE", "\(api.base)/secrets/API_TOKEN").status == 204)
            #expect(try await api.send("DELETE", "\(api.base)/secrets/API_TOKEN").status == 404)
            #expect(try await api.send("PUT", "\(api.base)/secrets/a%20b", ["value": "x"]).pointers == ["/name"])
        }
    }
}

@Suite struct `Customers over HTTP` {
    @Test func `are created, read and listed`() async throws {
        try await withAPI { api in
            let answer = try await api.send("POST", "/api/v1/tenants", ["name": "Second", "externalId": "c-2"])
            #expect(answer.status == 201)
            let id = try #require(try answer.json["id"]?.string)
            #expect(try await api.get("/api/v1/tenants/\(id)").json["externalId"] == "c-2")
            #expect(try await api.get("/api/v1/tenants").json["data"]?.array?.count == 2)
            let taken = try await api.send("POST", "/api/v1/tenants", ["name": "Third", "externalId": "c-2"])
            #expect(taken.status == 409)
            #expect(try taken.pointers == ["/externalId"])
        }
    }
}
