import Testing
import Vocabulary

@Suite struct `Who calls` {
    @Test func `is told by either family of headers`() async throws {
        try await withAPI { api async throws in
            let account = [
                ("x-fastn-access-key", APIStage.key), ("x-fastn-account-id", "\(api.space)"), ("x-fastn-account-tenant-id", "\(api.customer)"),
            ]
            #expect(try await api.client.send("GET", "/api/v1/tenants", account).status == 200)
            #expect(try await api.get("/api/v1/tenants").status == 200)
            #expect(try await api.client.send("GET", "/api/v1/tenants", api.headers + account).status == 200)
        }
    }

    @Test func `must not be said in two ways that differ`() async throws {
        try await withAPI { api async throws in
            #expect(try await api.get("/api/v1/tenants", [("x-fastn-access-key", "other")]).status == 400)
            #expect(try await api.get("/api/v1/tenants", [("x-fastn-api-key", APIStage.key)]).status == 400)
            #expect(try await api.get("/api/v1/tenants", [("x-fastn-account-id", "\(api.stranger)")]).status == 400)
        }
    }

    @Test func `is answered alike without a key and with a wrong one`() async throws {
        try await withAPI { api in
            let none = try await api.client.send("GET", "/api/v1/tenants", [("x-request-id", "r")])
            let wrong = try await api.client.send("GET", "/api/v1/tenants", [("x-request-id", "r"), ("x-fastn-api-key", "wrong")])
            #expect(none.status == 401)
            #expect(none.body == wrong.body)
            #expect(try none.json["code"] == "UNAUTHORIZED")
        }
    }

    @Test func `may not name another space than the key's, which the audit log remembers`() async throws {
        try await withAPI { api in
            let answer = try await api.client.send(
                "GET", "/api/v1/tenants", [("x-fastn-api-key", APIStage.key), ("x-fastn-space-id", "\(api.stranger)")])
            #expect(answer.status == 403)
            #expect(try answer.json["code"] == "FORBIDDEN")
            try await api.settle()
            let log = try await api.get("/api/v1/tenants/\(api.space)/audit-log?outcome=denied").json
            #expect(log["data"]?.array?.first?["action"] == "customers.read")
            let byType = "/api/v1/tenants/\(api.space)/audit-log?outcome=denied&actorType="
            #expect(try await api.get("\(byType)service_account").json["data"]?.array?.count == 1)
            #expect(try await api.get("\(byType)user").json["data"]?.array?.isEmpty == true)
            #expect(try await api.get("\(byType)robot").pointers == ["/actorType"])
            #expect(log["data"]?.array?.first?["reason"]?.string?.hasSuffix("from 127.0.0.1") == true)
        }
    }

    @Test func `finds no tenant of another space, in path or header`() async throws {
        try await withAPI { api in
            let inPath = try await api.get("/api/v1/tenants/\(api.stranger)/workflows")
            #expect(inPath.status == 404)
            #expect(try inPath.json["message"] == "The resource does not exist, or you do not have access.")
            #expect(try await api.get("/api/v1/tenants", [("x-fastn-space-tenantid", "\(api.stranger)")]).status == 404)
            #expect(try await api.get("/api/v1/tenants/nonsense/workflows").status == 404)
        }
    }

    @Test func `may call a customer by the space's own name for it, in path or header`() async throws {
        try await withAPI { api in
            let created = try await api.send("POST", "/api/v1/tenants", ["name": "Acme", "externalId": "acme & co"]).json
            let inPath = try await api.get("/api/v1/tenants/acme%20%26%20co").json
            #expect(inPath["id"] == created["id"])
            _ = try await api.send("POST", "/api/v1/tenants/acme%20%26%20co/workflows", ["name": "x"])
            #expect(try await api.get("/api/v1/tenants/\(created["id"]?.string ?? "")/workflows").json["data"]?.array?.count == 1)
            let named = try await api.send("POST", "/api/v1/x", nil, [("x-fastn-space-tenantid", "acme & co")])
            #expect(named.status == 409, "its workflow was found and is not published")
            #expect(try await api.get("/api/v1/tenants/acme").status == 404)
            let stranger = [("x-fastn-api-key", APIStage.strangersKey)]
            #expect(try await api.client.send("GET", "/api/v1/tenants/acme%20%26%20co", stranger).status == 404)
        }
    }

    @Test func `is shown the space itself like a customer`() async throws {
        try await withAPI { api in
            let space = try await api.get("/api/v1/tenants/\(api.space)").json
            #expect(space["name"] == "Acme")
            #expect(space["id"] == .id(api.space))
            #expect(space["spaceId"] == .id(api.space))
        }
    }

    @Test func `finds no thing of another space behind an id`() async throws {
        try await withAPI { api in
            let id = try await api.publishWorkflow("Mine")
            let path = "/api/v1/tenants/\(api.stranger)/workflows/\(id)"
            #expect(try await api.client.send("GET", path, [("x-fastn-api-key", APIStage.strangersKey)]).status == 404)
            #expect(try await api.client.send("POST", "\(path)/archive", [("x-fastn-api-key", APIStage.strangersKey)]).status == 404)
        }
    }
}

@Suite struct `Every answer` {
    @Test func `echoes the caller's request id, or makes one`() async throws {
        try await withAPI { api in
            let answer = try await api.get("/api/v1/tenants?odd=1", [("x-request-id", "my-id")])
            #expect(answer.header("x-request-id") == "my-id")
            #expect(try answer.json["requestId"] == "my-id")
            let made = try #require(try await api.get("/healthz", [("x-request-id", "bad id")]).header("x-request-id"))
            #expect(CorrelationID(made) != nil)
        }
    }

    @Test func `to malformed JSON says where it breaks`() async throws {
        try await withAPI { api in
            let answer = try await api.client.send("POST", "/api/v1/tenants", api.headers, body: Array("{\"name\": }".utf8))
            #expect(answer.status == 400)
            #expect(try answer.json["message"]?.string?.contains("at byte 9") == true)
        }
    }

    @Test func `to a wrong method names the right ones`() async throws {
        try await withAPI { api in
            let answer = try await api.send("PATCH", "/api/v1/tenants")
            #expect(answer.status == 405)
            #expect(answer.header("allow") == "GET, POST")
        }
    }
}
